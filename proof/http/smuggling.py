"""What a request says of itself where nothing should listen: headers and queries that name another tenant, or a person.

The attacker owns both tenants and acts in B, so the door would not keep them from A.
"""

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus

from proof.http.expected import GOOD
from proof.http.operations import TENANT, Operation
from proof.http.principals import Principal
from proof.http.probe import Prober
from proof.http.routes import own, tell_difference

HEADERS = ("X-Tenant", "X-Tenant-Id", "X-Tenant-Override", "X-Freehold-Tenant", "Tenant", "Tenant-Id")
TENANTS = ("tenant_id", "tenant", "freehold_tenant", "freehold-tenant")
PEOPLE = ("member_id", "created_by", "issuer", "subject", "role", "principal")
NAMES_TENANT, OTHERWISE_SPELT = "Freehold-Tenant", "FREEHOLD-TENANT"
REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Whoever refuses what it does not know has not listened to it."""


def attack_smuggling(prober: Prober, operation: Operation, attacker: Principal) -> None:
    """Each kind at once, on every method: a good request has to be answered as if it were not there."""
    if not operation.is_supported or not (operation.takes(TENANT) or operation.kind == "directory"):
        return
    usual = own(prober, operation, attacker, fresh=not operation.reads)
    without = prober.try_it(attacker, usual, "as usual")
    for what, query, headers in _smuggled(prober, operation, attacker):
        if not operation.reads:
            usual = own(prober, operation, attacker, fresh=True)
        request = replace(usual, query={**usual.query, **query}, headers={**usual.headers, **headers})
        heard = prober.try_it(attacker, request, what)
        if heard.answer.status not in (*GOOD, *REFUSED):
            prober.leaked(operation, f"{attacker.name}, {what}", f"it was listened to: {heard.answer.status}")
        if operation.reads and heard.answer.status in GOOD:
            tell_difference(prober, attacker, (request, usual), (heard, without), what)


def _smuggled(
    prober: Prober, operation: Operation, attacker: Principal
) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """What it is called, a query, and headers; nothing that the operation takes by its contract."""
    theirs, ours = prober.world.a.id, attacker.home.id
    taken = {parameter["name"].lower() for parameter in operation.parameters}
    headers = {name: theirs for name in HEADERS if name.lower() not in taken}
    query = {name: theirs for name in TENANTS if name not in taken or name == TENANT}
    member = prober.resources.member(prober.world.a)
    yield "headers that name A", {}, headers
    yield "a query that names A", query, {}
    yield "a query of what it is not asked", {name: member for name in PEOPLE if name not in taken}, {}
    yield "Freehold-Tenant twice, A last", {}, {NAMES_TENANT: ours, OTHERWISE_SPELT: theirs}
    yield "Freehold-Tenant twice, A first", {}, {NAMES_TENANT: theirs, OTHERWISE_SPELT: ours}
