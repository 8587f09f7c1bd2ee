"""Every kind of event that there is, the platform's and the product's. A feature's own stand in its `events.py`."""

from freehold.api_keys import events as api_keys
from freehold.jobs import events as jobs
from freehold.messaging.catalog import Catalog
from freehold.operators import events as operators
from freehold.tenants import events as tenants
from freehold.webhooks import events as webhooks
from product.projects import events as projects

CATALOG = Catalog.of(tenants, api_keys, jobs, webhooks, operators, projects)
