"""What was read is kept in the process by its id, whoever reads it next."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.api_keys import service
from freehold.api_keys.models import ApiKey
from freehold.database import Caller, Database
from freehold.ids import ApiKeyId
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("GET /v1/api-keys/{api_key_id}",), families=("routes",), principals=("owner of B",))


@contextmanager
def plant() -> Iterator[None]:
    """A dictionary that nobody empties."""
    kept: dict[ApiKeyId, ApiKey] = {}
    honest = service.read

    def read(db: Database, caller: Caller, api_key_id: ApiKeyId) -> ApiKey:
        if api_key_id not in kept:
            kept[api_key_id] = honest(db, caller, api_key_id)
        return kept[api_key_id]

    with replaced(service, "read", read):
        yield
