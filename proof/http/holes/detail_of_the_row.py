"""An error helps with a detail: the name of the thing that was not found, as another tenant calls it."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.api_keys import service
from freehold.api_keys.models import ApiKey
from freehold.database import Caller, Database
from freehold.errors import NotFound
from freehold.ids import ApiKeyId
from proof.http.families import Focus
from proof.http.planting import exempt, replaced

FOCUS = Focus(routes=("GET /v1/api-keys/{api_key_id}",), families=("routes",), principals=("owner of B",))


@contextmanager
def plant() -> Iterator[None]:
    """It is looked up past every policy."""
    honest = service.read

    def read(db: Database, caller: Caller, api_key_id: ApiKeyId) -> ApiKey:
        try:
            return honest(db, caller, api_key_id)
        except NotFound:
            found = exempt("select name from app.api_keys where id = %s", api_key_id)
            raise NotFound(f"{found[0]} is not here." if found else None) from None

    with replaced(service, "read", read):
        yield
