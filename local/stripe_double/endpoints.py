"""Where events go: the webhook endpoints of the account, as its API makes, shows and changes them."""

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from local.stripe_double.refusals import invalid, missing

_CHANGEABLE = ("url", "description", "enabled_events", "metadata")


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """One address; `secrets` are all that its events are signed with: two while one is replaced."""

    id: str
    url: str
    secrets: list[str]
    enabled_events: list[str] = field(default_factory=lambda: ["*"])
    api_version: str | None = None
    """Events come in this version; None for the account's own."""
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    status: str = "enabled"
    created: int = 0

    def wants(self, type_: str) -> bool:
        """Whether events of this type go there."""
        return self.status == "enabled" and bool({"*", type_} & set(self.enabled_events))

    def shown(self) -> dict[str, Any]:
        """As the API shows it, but for its secret, which is shown when it is made."""
        return {
            "id": self.id,
            "object": "webhook_endpoint",
            "api_version": self.api_version,
            "application": None,
            "created": self.created,
            "description": self.description,
            "enabled_events": self.enabled_events,
            "livemode": False,
            "metadata": self.metadata,
            "status": self.status,
            "url": self.url,
        }


class Endpoints:
    """Those of one account, newest first."""

    def __init__(self) -> None:
        self._known: dict[str, Endpoint] = {}
        self._lock = threading.Lock()

    def all(self) -> list[Endpoint]:
        """Newest first."""
        with self._lock:
            return list(reversed(self._known.values()))

    def add(self, url: str, *, secret: str = "", created: int = 0, api_version: str | None = None) -> Endpoint:
        """A new address, for all events. Raises Refused."""
        endpoint = Endpoint(
            id=f"we_{secrets.token_hex(12)}",
            url=_address(url),
            secrets=[secret or f"whsec_{secrets.token_hex(16)}"],
            api_version=api_version,
            created=created,
        )
        with self._lock:
            self._known[endpoint.id] = endpoint
        return endpoint

    def create(self, params: Mapping[str, Any], *, created: int) -> dict[str, Any]:
        """POST /v1/webhook_endpoints: with its secret, this once. Raises Refused."""
        wanted = _types(params.get("enabled_events"))
        endpoint = self.add(str(params.get("url", "")), created=created, api_version=params.get("api_version"))
        endpoint.enabled_events = wanted
        self._change(endpoint, params)
        return {**endpoint.shown(), "secret": endpoint.secrets[0]}

    def update(self, id_: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """POST /v1/webhook_endpoints/{id}. Raises Refused."""
        endpoint = self.find(id_)
        self._change(endpoint, params)
        return endpoint.shown()

    def delete(self, id_: str) -> dict[str, Any]:
        """DELETE /v1/webhook_endpoints/{id}. Raises Refused."""
        with self._lock:
            self._require(id_)
            del self._known[id_]
        return {"id": id_, "object": "webhook_endpoint", "deleted": True}

    def find(self, id_: str) -> Endpoint:
        """Raises Refused."""
        with self._lock:
            return self._require(id_)

    def page(self) -> dict[str, Any]:
        """GET /v1/webhook_endpoints: all of them, as an account has at most sixteen."""
        shown = [endpoint.shown() for endpoint in self.all()]
        return {"object": "list", "url": "/v1/webhook_endpoints", "has_more": False, "data": shown}

    def _require(self, id_: str) -> Endpoint:
        if id_ not in self._known:
            raise missing("webhook_endpoint", id_)
        return self._known[id_]

    def _change(self, endpoint: Endpoint, params: Mapping[str, Any]) -> None:
        given = {name: params[name] for name in _CHANGEABLE if name in params}
        if "url" in given:
            given["url"] = _address(str(given["url"]))
        if "enabled_events" in given:
            given["enabled_events"] = _types(given["enabled_events"])
        if "metadata" in given:
            given["metadata"] = _merged(endpoint.metadata, given["metadata"])
        for name, value in given.items():
            setattr(endpoint, name, value)
        if "disabled" in params:
            endpoint.status = "disabled" if params["disabled"] in {True, "true"} else "enabled"


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise invalid(
            "Invalid URL: An explicit scheme (such as https) must be provided.", param="url", code="url_invalid"
        )
    return url


def _types(given: object) -> list[str]:
    if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
        raise invalid("Missing required param: enabled_events.", param="enabled_events", code="parameter_missing")
    return given


def _merged(before: Mapping[str, str], given: object) -> dict[str, str]:
    if not isinstance(given, Mapping):
        return {}
    merged = {**before, **{str(name): str(value) for name, value in given.items()}}
    return {name: value for name, value in merged.items() if value}
