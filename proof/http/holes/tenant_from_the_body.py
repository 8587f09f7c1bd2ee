"""A body may name the tenant in which to act, and the service believes it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from uuid import UUID

from freehold.api_keys import service
from freehold.api_keys.models import ApiKeyWithSecret, NewApiKey
from freehold.database import Answer, Caller, Database, Remembered
from freehold.ids import TenantId
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(routes=("POST /v1/api-keys",), families=("bodies",))


@contextmanager
def plant() -> Iterator[None]:
    """The door refuses it to whoever is no member there; a member of both tenants does not notice."""
    honest = service.create

    def create(db: Database, caller: Caller, new: NewApiKey, once: Remembered | None) -> Answer[ApiKeyWithSecret]:
        named = (new.model_extra or {}).get("tenant_id")
        return honest(db, replace(caller, tenant_id=TenantId(UUID(named))) if named else caller, new, once)

    with ExitStack() as back:
        back.callback(NewApiKey.model_rebuild, force=True)
        back.enter_context(replaced(NewApiKey, "model_config", {**NewApiKey.model_config, "extra": "allow"}))
        NewApiKey.model_rebuild(force=True)
        back.enter_context(replaced(service, "create", create))
        yield
