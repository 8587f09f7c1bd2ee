"""What the ids in a path and in a body stand for: made by the POST of their collection, or found in its list."""

import contextlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from freehold.permissions import Role
from proof.http.answers import fields, shortened
from proof.http.expected import GOOD
from proof.http.operations import Operation, largest
from proof.http.principals import Tenant
from proof.http.values import Maker, NoValue, resolved
from proof.http.world import BEGINNING, PROMISED, World

LONGEST_CHAIN = 5
TENANT_ID = "tenant_id"
PEOPLE = ("author_id", "owner_id", "assignee_id", "user_id")
"""Names of members besides `member_id` and whatever ends with `_by`."""
ITSELF = ("id", "ids")
VALUE = "value"
"""What SCIM calls the id of a member of a group."""
THE_SAME_FOR_ALL: Mapping[str, str] = {
    "name": "User",
    "urn": "urn:ietf:params:scim:schemas:core:2.0:User",
    "endpoint": "Nothing",
    "key": PROMISED,
}
"""Places of paths in which no tenant's thing is named, each with what stands there."""
USERS = "/scim/v2/Users"
MEMBERS = "/v1/members"
"""Nobody makes one: they are invited, and accept what was mailed."""
GROUPS, DIRECTORYS_GROUPS = "/v1/groups", "/scim/v2/Groups"
"""A directory makes them."""
INVOICES = "/v1/billing/invoices"
"""Stripe makes them."""
REQUESTS, RESUME = "/v1/billing/requests", "/v1/billing/resume"
"""Jobs, each made by what it does."""
USAGE = "/v1/usage/events"
"""Nothing that is recorded there has an id, and all of it is counted."""
FIRST_MEMBER = "select id from app.members where tenant_id = %(tenant)s order by id limit 1"

type Way = Callable[[Tenant, str], None]
"""What is done with a tenant's thing, at this path, before a route is of use."""


class Resources:
    """The things of each tenant. What was made once is used again unless a fresh one is asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.ways: dict[str, Way | None] = {}
        """By route; see ways.py."""
        self._made: dict[tuple[str, str, Way | None], str] = {}
        self._chain: list[str] = []

    def furnish(self, tenants: Iterable[Tenant]) -> None:
        """Make one of everything for each tenant, so that no list is empty. What cannot be made is told later."""
        for tenant in tenants:
            for operation in self._world.interface.operations:
                with contextlib.suppress(NoValue):
                    self.in_path(operation, tenant)

    def add(self, tenant: Tenant) -> None:
        """One more of everything that can be made, of the members, and of what was used."""
        self._world.join(tenant, str(uuid.uuid4()), Role.VIEWER)
        if using := self._world.interface.operation("POST", USAGE):
            self._world.as_owner(tenant, "POST", USAGE, body=self.body(using, tenant))
        for operation in self._world.interface.operations:
            if operation.method == "GET" and operation.path.endswith("}"):
                with contextlib.suppress(NoValue):
                    self.in_path(operation, tenant, fresh=True)

    def in_path(self, operation: Operation, tenant: Tenant, *, fresh: bool = False) -> dict[str, str]:
        """An id of this tenant for each place of a route's path. Raises NoValue."""
        found: dict[str, str] = {}
        places = operation.places
        for place in places:
            if place in THE_SAME_FOR_ALL:
                found[place] = THE_SAME_FOR_ALL[place]
                continue
            collection = operation.path.partition(f"/{{{place}}}")[0].format(**found)
            template = operation.path.partition(f"/{{{place}}}")[0]
            is_last = place == places[-1]
            if is_last and (put := self._putting(template, place)):
                found[place] = self._put(put, operation, collection, tenant)
                continue
            way = self.ways.get(operation.route) if is_last else None
            found[place] = self._thing(template, collection, tenant, fresh=fresh and is_last, way=way)
        self._fill(operation, operation.path.format(**found), tenant)
        return found

    def _fill(self, operation: Operation, collection: str, tenant: Tenant) -> None:
        """A list of what is put there by its name is not empty."""
        puts = [o for o in self._world.interface.operations if o.method == "PUT"]
        put = next((o for o in puts if o.path.rpartition("/")[0] == operation.path), None)
        if operation.reads and put and self._putting(operation.path, put.places[-1]):
            self._put(put, operation, collection, tenant)

    def body(
        self, operation: Operation, tenant: Tenant, *, text: str = "", whole: bool = True, fresh: bool = False
    ) -> Any:  # noqa: ANN401 (any JSON value)
        """A body for a route, with the tenant's mark unless another text is given; None where it takes none.

        Raises NoValue.
        """
        if operation.body is None:
            return None
        text = text or (self._world.visitors_text() if operation.kind == "visitor" else self._world.text(tenant))
        return self._maker(operation, tenant, text, fresh=fresh).body(operation.body, whole=whole)

    def query(self, operation: Operation, tenant: Tenant) -> dict[str, Any]:
        """What its query has to have, and the largest page. Raises NoValue."""
        maker = self._maker(operation, tenant, BEGINNING)
        required = [parameter for parameter in operation.queries if parameter.get("required")]
        return {p["name"]: maker.value(p["name"], p["schema"]) for p in required} | largest(operation)

    def referred(self, name: str, operation: Operation, tenant: Tenant, *, fresh: bool = False) -> str:
        """The tenant's id of what a field or parameter names: `project_id`, `project_ids`, `created_by`, `id`.

        Raises NoValue.
        """
        name = name.removesuffix("s") if name.endswith("_ids") else name
        if name == TENANT_ID:
            return tenant.id
        if name == VALUE:
            return self._thing(USERS, USERS, tenant, fresh=fresh, way=None)
        if name in ITSELF:
            return self._itself(operation, tenant, fresh=fresh)
        for other in self._world.interface.operations:
            if name in other.places:
                return self.in_path(_up_to(other, name), tenant, fresh=fresh)[name]
        if name in PEOPLE or name.endswith("_by"):
            return self.member(tenant)
        raise NoValue(f"{name} is an id, and no path has a {{{name}}}: nobody knows what it names")

    def member(self, tenant: Tenant) -> str:
        """The id of the tenant's owner, who made whatever there is."""
        [(first,)] = self._world.rows.ask(FIRST_MEMBER, tenant=tenant.id)
        return str(first)

    def _itself(self, operation: Operation, tenant: Tenant, *, fresh: bool) -> str:
        """A thing of the collection that the path is about."""
        for other in self._world.interface.operations:
            collection, _, place = other.path.rpartition("/")
            if place.startswith("{") and operation.path.startswith(collection):
                return self.in_path(other, tenant, fresh=fresh)[other.places[-1]]
        raise NoValue(f"{operation.path} takes an id, and nothing of its collection has one")

    def _maker(self, operation: Operation, tenant: Tenant, text: str, *, fresh: bool = False) -> Maker:
        def refer(name: str) -> str:
            return self.referred(name, operation, tenant, fresh=fresh)

        return Maker(self._world.interface.schemas, text, refer)

    def _thing(self, template: str, collection: str, tenant: Tenant, *, fresh: bool, way: Way | None) -> str:
        known = self._made.get((tenant.id, collection, way))
        if known and not fresh:
            return known
        if template in self._chain or len(self._chain) > LONGEST_CHAIN:
            raise NoValue(f"{' needs '.join([*self._chain, template])}: one of them has to come first")
        self._chain.append(template)
        try:
            found = self._new(template, collection, tenant) or self._listed(template, collection, tenant)
        finally:
            self._chain.pop()
        if way:
            way(tenant, f"{collection}/{found}")
        if not fresh:
            self._made[tenant.id, collection, way] = found
        return found

    def _putting(self, template: str, place: str) -> Operation | None:
        """The PUT by which something comes to be there, under an id that it has elsewhere."""
        interface = self._world.interface
        elsewhere = any(place in other.places for other in interface.operations if not other.path.startswith(template))
        is_made = interface.operation("POST", template) is not None
        return interface.operation("PUT", f"{template}/{{{place}}}") if elsewhere and not is_made else None

    def _put(self, put: Operation, operation: Operation, collection: str, tenant: Tenant) -> str:
        """The id of what is put there by a name that it has elsewhere. It is there, but for the route that puts it."""
        place = put.places[-1]
        which = self.member(tenant) if place == "member_id" else self.referred(place, put, tenant)
        body = None if operation == put else self.body(put, tenant)
        self._world.as_owner(tenant, "DELETE" if operation == put else "PUT", f"{collection}/{which}", body=body)
        return which

    def _new(self, template: str, collection: str, tenant: Tenant) -> str | None:
        if template == MEMBERS:
            return self._world.join(tenant, str(uuid.uuid4()), Role.VIEWER)
        if template == GROUPS:
            return self._thing(DIRECTORYS_GROUPS, DIRECTORYS_GROUPS, tenant, fresh=True, way=None)
        if template == INVOICES:
            return self._world.bill(tenant)
        if template == REQUESTS:
            self._world.bill(tenant)
            return str(fields(self._world.as_owner(tenant, "POST", RESUME, body={}).answer)["id"])
        if (create := self._creating(template)) is None:
            return None
        path = collection if create.path == template else create.path.format(**self.in_path(create, tenant))
        refusal = ""
        for whole in (True, False):
            body = self.body(create, tenant, whole=whole)
            answer = self._world.as_owner(tenant, "POST", path, body=body).answer
            if answer.status in GOOD and "id" in fields(answer):
                return str(fields(answer)["id"])
            refusal = answer.body
        raise NoValue(f"POST {path} makes nothing with an id: {refusal}")

    def _creating(self, template: str) -> Operation | None:
        """The POST of a collection, else another one that answers with such a thing as the collection lists."""
        interface = self._world.interface
        if own := interface.operation("POST", template):
            return own
        listing = interface.operation("GET", template)
        page = resolved(listing.answer, interface.schemas).get("properties", {}) if listing else {}
        listed = page.get("items", {}).get("items")
        others = [o for o in interface.operations if o.method == "POST" and listed and o.answer == listed]
        elsewhere = [other for other in others if not other.path.startswith(f"{template}/")]
        return min(elsewhere, key=lambda other: len(other.places), default=None)

    def _listed(self, template: str, collection: str, tenant: Tenant) -> str:
        if self._world.interface.operation("GET", template) is None:
            raise NoValue(f"{collection} can be neither made nor listed")
        answer = self._world.as_owner(tenant, "GET", collection).answer
        if answer.status != HTTPStatus.OK or not fields(answer).get("items"):
            raise NoValue(f"GET {collection} lists nothing: {shortened(answer.body)}")
        return str(fields(answer)["items"][0]["id"])


def _up_to(operation: Operation, place: str) -> Operation:
    """The same, with a path that ends at this place."""
    return replace(operation, path=operation.path.partition(f"{{{place}}}")[0] + f"{{{place}}}")
