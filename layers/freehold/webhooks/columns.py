"""What endpoints and deliveries are shown as, and the permissions that their events take."""

from typing import LiteralString

FAILING: LiteralString = (
    "from app.webhook_failures f where f.tenant_id = %(tenant_id)s and f.endpoint_id = id"  # the id outside
)
_WHAT: LiteralString = "id, url, description, events, state, disabled_reason, disabled_at,"
_FAILS: LiteralString = (
    f" (select f.since {FAILING} and not f.recovers) as failing_since,"
    f" (select f.paused_until {FAILING} and f.paused_until > now()) as paused_until,"
)
_WHOSE: LiteralString = (
    " (select max((former ->> 'until')::timestamptz) from jsonb_array_elements(former_secrets) former"
    " where (former ->> 'until')::timestamptz > now()) as previous_secret_until,"
    " created_by, version, created_at, updated_at"
)
ENDPOINT: LiteralString = _WHAT + _FAILS + _WHOSE
MENDED: LiteralString = _WHAT + " null::timestamptz as failing_since, null::timestamptz as paused_until," + _WHOSE
"""The same after a change that says it is mended, which a trigger notes down after the statement has looked."""
SENT: LiteralString = """
    select k.need from unnest(%(types)s::text[], %(needs)s::text[]) k (type, need)
     where events && array['*', k.type] and k.need = any (permissions)"""
"""The permissions that an endpoint's events take."""
SEEN: LiteralString = """
    select k.type from unnest(%(types)s::text[], %(needs)s::text[]) k (type, need)
     where k.need = any (string_to_array(current_setting('app.permissions'), ' '))"""
"""The types of events that the caller may see."""
DELIVERY: LiteralString = (
    "id, endpoint_id, event_id, event_type, state, attempts, last_status, last_error,"
    " case when next_attempt_at is not null and event_type <> 'webhook_endpoint.tested' then greatest(next_attempt_at,"
    " (select p.paused_until from (select f.endpoint_id as paused, f.paused_until from app.webhook_failures f"
    " where f.tenant_id = %(tenant_id)s) p where p.paused = endpoint_id)) else next_attempt_at end as next_attempt_at,"
    " created_at, finished_at"
)
ATTEMPT: LiteralString = (
    "id, attempted_at, url, request_headers, status, response_headers, response_excerpt, error, milliseconds"
)
