"""What happens to API keys."""

from freehold.api_keys.models import ApiKey
from freehold.messaging.events import EventType
from freehold.permissions import API_KEYS_READ

API_KEY_CREATED = EventType(
    name="api_key.created", description="An API key was made", data=ApiKey, permission=API_KEYS_READ
)
API_KEY_ROTATED = EventType(
    name="api_key.rotated", description="An API key got a new secret", data=ApiKey, permission=API_KEYS_READ
)
API_KEY_REVOKED = EventType(
    name="api_key.revoked", description="An API key was ended", data=ApiKey, permission=API_KEYS_READ
)
