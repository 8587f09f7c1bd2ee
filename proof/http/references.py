"""Ids outside the path: in a body, a query or a header. What is foreign is answered as what does not exist."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from proof.http.everybody import owner_of
from proof.http.expected import GOOD
from proof.http.operations import TENANT, Operation
from proof.http.principals import Principal
from proof.http.probe import Prober, Request
from proof.http.routes import own, tell_difference
from proof.http.values import NoValue, references, resolved, sibling

NAMES_TENANT = "Freehold-Tenant"
CORRELATION = "X-Correlation-Id"
KEY = "Idempotency-Key"
REPLAYED = "idempotency-replayed"
SHARED = "the same text"
SMUGGLED = ("tenant_id", "tenant", "member_id", "created_by", "issuer", "subject", "role", "principal")
"""What a request might say of itself; nothing may listen."""


def attack_references(prober: Prober, operation: Operation, attackers: tuple[Principal, ...]) -> None:
    """Each reference that the operation takes, as each attacker, who all act in B."""
    try:
        for attacker in attackers:
            for what, foreign, absent in _pairs(prober, operation, attacker):
                answers = [prober.try_it(attacker, request, what) for request in (foreign, absent)]
                tell_difference(prober, attacker, (foreign, absent), answers, what)
                if what.startswith("body") and answers[0].answer.status in GOOD:
                    prober.leaked(operation, f"{attacker.name}, {what}", "a foreign id was taken")
            if operation.takes(KEY.lower()):
                _replay(prober, operation, attacker)
    except NoValue as missing:
        prober.tally.unarmed.append(f"{operation.route}, references: {missing}")


def _pairs(prober: Prober, operation: Operation, attacker: Principal) -> Iterator[tuple[str, Request, Request]]:
    yield from _in_body(prober, operation, attacker)
    yield from _in_query(prober, operation, attacker)
    if operation.takes(TENANT):
        if operation.reads:
            yield _correlation(prober, operation, attacker)
        request, theirs = own(prober, operation, attacker), prober.world.a.id
        if "naming A" not in attacker.name and attacker.home.id not in attacker.visits - {theirs}:
            foreign, absent = ({**request.headers, NAMES_TENANT: one} for one in (theirs, sibling(theirs)))
            yield "header Freehold-Tenant", replace(request, headers=foreign), replace(request, headers=absent)


def _correlation(prober: Prober, operation: Operation, attacker: Principal) -> tuple[str, Request, Request]:
    """What A calls a piece of work, B may call one too; that finds nothing of A's."""
    owner, theirs = owner_of(prober.world.a), {CORRELATION: str(uuid.uuid4())}
    request = own(prober, operation, owner)
    prober.send(owner, replace(request, headers={**request.headers, **theirs}))
    request = own(prober, operation, attacker)
    foreign, absent = ({**request.headers, **one} for one in (theirs, {CORRELATION: str(uuid.uuid4())}))
    return "header X-Correlation-Id", replace(request, headers=foreign), replace(request, headers=absent)


def _in_body(prober: Prober, operation: Operation, attacker: Principal) -> Iterator[tuple[str, Request, Request]]:
    if operation.body is None:
        return
    schemas = prober.world.interface.schemas
    mine = prober.resources.body(operation, attacker.home)
    theirs = prober.resources.body(operation, prober.world.a)
    for path in references(mine, operation.body, schemas):
        request = own(prober, operation, attacker, fresh=True)
        found = _at(theirs, path)
        foreign, absent = (replace(request, body=_with(mine, path, one)) for one in (found, sibling(found)))
        yield f"body {'.'.join(path)}", foreign, absent


def _in_query(prober: Prober, operation: Operation, attacker: Principal) -> Iterator[tuple[str, Request, Request]]:
    theirs = _something_of_theirs(prober, operation)
    for parameter in operation.queries:
        if resolved(parameter["schema"], prober.world.interface.schemas).get("format") == "uuid":
            request = own(prober, operation, attacker)
            foreign, absent = ({**request.query, parameter["name"]: one} for one in (theirs, sibling(theirs)))
            yield f"query {parameter['name']}", replace(request, query=foreign), replace(request, query=absent)
    if operation.reads:
        request = own(prober, operation, attacker)
        yield (
            "query of what it is not asked",
            replace(request, query={**request.query, **dict.fromkeys(SMUGGLED, theirs)}),
            request,
        )


def _something_of_theirs(prober: Prober, operation: Operation) -> str:
    """The id of the last thing that A would see in a list, else A's own."""
    owner = owner_of(prober.world.a)
    answer = prober.send(owner, own(prober, operation, owner)).answer if operation.reads else None
    listed = answer.json.get("items") if answer and answer.status in GOOD else None
    return str(listed[0].get("id", prober.world.a.id)) if listed else prober.world.a.id


def _replay(prober: Prober, operation: Operation, attacker: Principal) -> None:
    """A's request word for word, under A's key: it must not be answered with A's answer."""
    owner = owner_of(prober.world.a)
    victims = own(prober, operation, owner, fresh=True)
    victims = replace(victims, body=prober.resources.body(operation, owner.home, text=SHARED))
    if prober.send(owner, victims).answer.status not in GOOD:
        raise NoValue("A's owner cannot do what is to be repeated")
    answer = prober.try_it(attacker, victims, "the Idempotency-Key of A").answer
    if REPLAYED in answer.headers or (operation.places and answer.status in GOOD):
        prober.leaked(operation, f"{attacker.name}, the Idempotency-Key of A", f"replayed: {answer.status}")


def _at(body: Mapping[str, Any], path: tuple[str, ...]) -> str:
    for name in path:
        body = body[name]
    return str(body)


def _with(body: Mapping[str, Any], path: tuple[str, ...], value: str) -> dict[str, Any]:
    name, *rest = path
    return {**body, name: _with(body[name], tuple(rest), value) if rest else value}
