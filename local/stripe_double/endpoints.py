"""Where events go: the webhook endpoints that the engine keeps, and what their events are signed with."""

from dataclasses import dataclass
from typing import Any

from local.stripe_double.engine import Double

PATH = "/v1/webhook_endpoints"
_KIND = "webhook_endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address, as it is now."""

    id: str
    url: str
    secrets: tuple[str, ...]
    """All that its events are signed with: two while one is replaced."""
    enabled_events: tuple[str, ...]
    api_version: str
    is_enabled: bool

    def wants(self, type_: str) -> bool:
        """Whether events of this type go there."""
        return self.is_enabled and bool({"*", type_} & set(self.enabled_events))


class Endpoints:
    """Those of one double."""

    def __init__(self, engine: Double) -> None:
        self._engine = engine

    def all(self) -> list[Endpoint]:
        """Oldest first."""
        with self._engine.lock:
            return [_endpoint(kept) for kept in self._engine.world.store.all(_KIND)]

    def find(self, id_: str) -> Endpoint | None:
        """As it is now; None where it was deleted."""
        return next((endpoint for endpoint in self.all() if endpoint.id == id_), None)

    def add(self, url: str, *, secret: str = "") -> Endpoint:
        """An address for all events; the same one where it is there already, as after a restart. Raises Refused."""
        with self._engine.lock:
            id_ = next((endpoint.id for endpoint in self.all() if endpoint.url == url), None)
            if id_ is None:
                id_ = self._engine.request("POST", PATH, {"url": url, "enabled_events": ["*"]})["id"]
            kept = self._engine.world.store.get(_KIND, id_)
            kept["_secret"] = secret or kept["_secret"]
            return _endpoint(kept)

    def roll(self, id_: str, secret: str) -> None:
        """Sign with another secret as well, as Stripe does for a day after its owner has replaced one."""
        with self._engine.lock:
            kept = self._engine.world.store.get(_KIND, id_)
            kept["_former_secrets"] = [kept["_secret"]]
            kept["_secret"] = secret


def _endpoint(kept: dict[str, Any]) -> Endpoint:
    return Endpoint(
        id=kept["id"],
        url=kept["url"],
        secrets=(kept["_secret"], *kept.get("_former_secrets", ())),
        enabled_events=tuple(kept["enabled_events"]),
        api_version=kept["api_version"],
        is_enabled=kept["status"] == "enabled",
    )
