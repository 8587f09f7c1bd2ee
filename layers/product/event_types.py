"""Every kind of event that there is, the platform's and the product's: what a webhook endpoint can choose from.

A feature declares its own in its `events.py`; here they come together, and a test says which one was forgotten.
"""

from freehold.api_keys import events as api_keys
from freehold.jobs import events as jobs
from freehold.messaging.events import EventType
from freehold.tenants import events as tenants
from freehold.webhooks import events as webhooks
from product.projects import events as projects

EVENT_TYPES: dict[str, EventType] = {
    event.name: event
    for event in (
        api_keys.API_KEY_CREATED,
        api_keys.API_KEY_REVOKED,
        api_keys.API_KEY_ROTATED,
        jobs.JOB_FAILED,
        jobs.JOB_SUCCEEDED,
        tenants.TENANT_CHANGED,
        tenants.TENANT_CREATED,
        webhooks.WEBHOOK_ENDPOINT_CHANGED,
        webhooks.WEBHOOK_ENDPOINT_CREATED,
        webhooks.WEBHOOK_ENDPOINT_DELETED,
        webhooks.WEBHOOK_ENDPOINT_DISABLED,
        webhooks.WEBHOOK_ENDPOINT_ENABLED,
        webhooks.WEBHOOK_ENDPOINT_ROTATED,
        webhooks.WEBHOOK_ENDPOINT_TESTED,
        projects.PROJECT_ARCHIVED,
        projects.PROJECT_CHANGED,
        projects.PROJECT_CREATED,
        projects.PROJECT_DELETED,
    )
}
