"""What the ids in a path and in a body stand for: made by the POST of their collection, or found in its list."""

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from proof.http.expected import GOOD
from proof.http.operations import Operation
from proof.http.principals import Tenant
from proof.http.values import Maker, NoValue
from proof.http.world import World

LONGEST_CHAIN = 5
TENANT_ID = "tenant_id"


class Resources:
    """The things of each tenant. What was made once is used again unless a fresh one is asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._made: dict[tuple[str, str], str] = {}
        self._chain: list[str] = []

    def furnish(self, tenants: Iterable[Tenant]) -> None:
        """Make one of everything for each tenant, so that no list is empty. What cannot be made is told later."""
        for tenant in tenants:
            for operation in self._world.interface.operations:
                with contextlib.suppress(NoValue):
                    self.in_path(operation, tenant)

    def in_path(self, operation: Operation, tenant: Tenant, *, fresh: bool = False) -> dict[str, str]:
        """An id of this tenant for each place of a route's path. Raises NoValue."""
        found: dict[str, str] = {}
        places = operation.places
        for place in places:
            collection = operation.path.partition(f"/{{{place}}}")[0].format(**found)
            template = operation.path.partition(f"/{{{place}}}")[0]
            found[place] = self._thing(template, collection, tenant, fresh=fresh and place == places[-1])
        return found

    def body(self, operation: Operation, tenant: Tenant, *, text: str = "", whole: bool = True) -> Any:  # noqa: ANN401 (any JSON value)
        """A body for a route, with the tenant's mark unless another text is given; None where it takes none.

        Raises NoValue.
        """
        if operation.body is None:
            return None
        text = text or (self._world.visitors_text() if operation.kind == "visitor" else self._world.text(tenant))
        maker = Maker(self._world.interface.schemas, text, lambda name: self._referred(name, tenant))
        return maker.body(operation.body, whole=whole)

    def _referred(self, name: str, tenant: Tenant) -> str:
        if name == TENANT_ID:
            return tenant.id
        for operation in self._world.interface.operations:
            if name in operation.places:
                return self.in_path(_up_to(operation, name), tenant)[name]
        raise NoValue(f"{name} is an id, and no path has a {{{name}}}: nobody knows what it names")

    def _thing(self, template: str, collection: str, tenant: Tenant, *, fresh: bool) -> str:
        known = self._made.get((tenant.id, collection))
        if known and not fresh:
            return known
        if template in self._chain or len(self._chain) > LONGEST_CHAIN:
            raise NoValue(f"{' needs '.join([*self._chain, template])}: one of them has to come first")
        self._chain.append(template)
        try:
            found = self._new(template, collection, tenant) or self._listed(template, collection, tenant)
        finally:
            self._chain.pop()
        if not fresh:
            self._made[tenant.id, collection] = found
        return found

    def _new(self, template: str, collection: str, tenant: Tenant) -> str | None:
        create = self._world.interface.operation("POST", template)
        if create is None:
            return None
        refusal = ""
        for whole in (True, False):
            body = self.body(create, tenant, whole=whole)
            answer = self._world.as_owner(tenant, "POST", collection, body=body).answer
            if answer.status in GOOD and "id" in answer.json:
                return str(answer.json["id"])
            refusal = answer.body
        raise NoValue(f"POST {collection} makes nothing with an id: {refusal}")

    def _listed(self, template: str, collection: str, tenant: Tenant) -> str:
        if self._world.interface.operation("GET", template) is None:
            raise NoValue(f"{collection} can be neither made nor listed")
        answer = self._world.as_owner(tenant, "GET", collection).answer
        if answer.status != HTTPStatus.OK or not answer.json.get("items"):
            raise NoValue(f"GET {collection} lists nothing: {answer.body}")
        return str(answer.json["items"][0]["id"])


def _up_to(operation: Operation, place: str) -> Operation:
    """The same, with a path that ends at this place."""
    return replace(operation, path=operation.path.partition(f"{{{place}}}")[0] + f"{{{place}}}")
