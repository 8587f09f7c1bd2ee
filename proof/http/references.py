"""Ids outside the path: in a body, a query or a header. What is foreign is answered as what does not exist."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from proof.http.answers import fields
from proof.http.everybody import authority
from proof.http.expected import FOR_FEW, GOOD
from proof.http.operations import TENANT, Operation, Schema
from proof.http.principals import Principal
from proof.http.probe import Prober, Request
from proof.http.readings import AN_ID
from proof.http.resources import ITSELF, VALUE
from proof.http.routes import own, tell_difference
from proof.http.values import NoValue, Place, references, resolved, sibling
from proof.http.world import BEGINNING

NAMES_TENANT = "Freehold-Tenant"
CORRELATION = "X-Correlation-Id"
KEY = "Idempotency-Key"
REPLAYED = "idempotency-replayed"
FILTER = "filter"
NAMES_A_THING = ("_id", "_by")


def attack_references(prober: Prober, operation: Operation, attackers: tuple[Principal, ...]) -> None:
    """Each reference that the operation takes, as each attacker, who all act in B."""
    try:
        _attack_choices(prober, operation, attackers[0])
        for attacker in attackers:
            for what, foreign, absent in _pairs(prober, operation, attacker):
                answers = [prober.try_it(attacker, request, what) for request in (foreign, absent)]
                tell_difference(prober, attacker, (foreign, absent), answers, what)
                if what.startswith("body") and answers[0].answer.status in GOOD and _is_kept(prober, foreign, what):
                    prober.leaked(operation, f"{attacker.name}, {what}", "a foreign id was taken")
            if operation.takes(KEY.lower()) and operation.is_supported and operation.route not in FOR_FEW:
                _replay(prober, operation, attacker)
    except NoValue as missing:
        prober.tally.unarmed.append(f"{operation.route}, references: {missing}")


def _attack_choices(prober: Prober, operation: Operation, attacker: Principal) -> None:
    """Each choice that a query has is another way through the code; what shows there must be one's own."""
    for parameter in operation.queries if operation.reads else ():
        schema = resolved(parameter["schema"], prober.world.interface.schemas)
        for choice in _choices(schema):
            request, name = own(prober, operation, attacker), parameter["name"]
            prober.try_it(attacker, replace(request, query={**request.query, name: choice}), f"query {name}={choice}")


def _choices(schema: Schema) -> list[Any]:
    if schema.get("type") == "boolean":
        return ["true", "false"]
    of_any_text = schema.get("type") == "string" and not schema.keys() & {"enum", "const", "format", "pattern"}
    return [BEGINNING] if of_any_text else schema.get("enum", [])


def _pairs(prober: Prober, operation: Operation, attacker: Principal) -> Iterator[tuple[str, Request, Request]]:
    yield from _in_body(prober, operation, attacker)
    yield from _in_query(prober, operation, attacker)
    yield from _in_filter(prober, operation, attacker)
    if operation.takes(TENANT):
        if operation.reads:
            yield _correlation(prober, operation, attacker)
        request, theirs = own(prober, operation, attacker), prober.world.a.id
        if "naming A" not in attacker.name and attacker.home.id not in attacker.visits - {theirs}:
            foreign, absent = ({**request.headers, NAMES_TENANT: one} for one in (theirs, sibling(theirs)))
            yield "header Freehold-Tenant", replace(request, headers=foreign), replace(request, headers=absent)


def _correlation(prober: Prober, operation: Operation, attacker: Principal) -> tuple[str, Request, Request]:
    """What A calls a piece of work, B may call one too; that finds nothing of A's."""
    owner, theirs = authority(prober.world, operation, prober.world.a), {CORRELATION: str(uuid.uuid4())}
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
    for place in references(mine, operation.body, schemas):
        request = own(prober, operation, attacker, fresh=True)
        found = _at(theirs, place)
        foreign, absent = (replace(request, body=_with(mine, place, one)) for one in (found, sibling(found)))
        yield f"body {'.'.join(map(str, place))}", foreign, absent


def _in_query(prober: Prober, operation: Operation, attacker: Principal) -> Iterator[tuple[str, Request, Request]]:
    schemas = prober.world.interface.schemas
    for parameter in operation.queries:
        schema, name = resolved(parameter["schema"], schemas), parameter["name"]
        is_list = schema.get("type") == "array"
        if resolved(schema.get("items", {}) if is_list else schema, schemas).get("format") == "uuid":
            theirs = _theirs(prober, operation, name)
            request = own(prober, operation, attacker, fresh=not operation.reads)
            foreign, absent = (
                replace(request, query={**request.query, name: [one] if is_list else one})
                for one in (theirs, sibling(theirs))
            )
            yield f"query {name}", foreign, absent


def _in_filter(prober: Prober, operation: Operation, attacker: Principal) -> Iterator[tuple[str, Request, Request]]:
    """A filter of SCIM that names somebody, or something."""
    if all(parameter["name"] != FILTER for parameter in operation.queries):
        return
    request, listed = own(prober, operation, attacker), _listed(prober, operation)
    somebody = prober.resources.referred(VALUE, operation, prober.world.a)
    named = {"id": str(listed["id"])} | ({"members.value": somebody} if operation.path.endswith("Groups") else {})
    named |= {name: str(listed[name]) for name in ("userName", "displayName") if listed.get(name)}
    for name, theirs in named.items():
        nobodys = sibling(theirs) if AN_ID.fullmatch(theirs) else theirs[::-1]
        foreign, absent = (
            replace(request, query={**request.query, FILTER: f'{name} eq "{one}"'}) for one in (theirs, nobodys)
        )
        yield f"filter by {name}", foreign, absent


def _theirs(prober: Prober, operation: Operation, name: str) -> str:
    """What would find something of A's: what A's own list shows under this name, else what the name says."""
    listed, one = _listed(prober, operation), name.removesuffix("s") if name.endswith("_ids") else name
    if AN_ID.fullmatch(str(listed.get(one))):
        return str(listed[one])
    if not one.endswith(NAMES_A_THING) and one not in ITSELF:
        return str(listed.get("id", prober.world.a.id))
    try:
        return prober.resources.referred(name, operation, prober.world.a)
    except NoValue:
        rows = [row for table in prober.world.rows.of(prober.world.a.id).values() for row in table]
        if found := next((row[one] for row in rows if row.get(one)), None):
            return str(found)
        raise


def _listed(prober: Prober, operation: Operation) -> dict[str, Any]:
    """The first thing that A would see in this list."""
    owner = authority(prober.world, operation, prober.world.a)
    answer = prober.send(owner, own(prober, operation, owner)).answer if operation.reads else None
    found = fields(answer) if answer and answer.status in GOOD else {}
    items = found.get("items", found.get("Resources"))
    return dict(items[0]) if items and isinstance(items[0], dict) else {}


def _replay(prober: Prober, operation: Operation, attacker: Principal) -> None:
    """A's request word for word, under A's key: it must not be answered with A's answer."""
    owner = authority(prober.world, operation, prober.world.a)
    victims = own(prober, operation, owner, fresh=True)
    text = f"shared{uuid.uuid4().hex}"  # another for each, as a name can be taken
    victims = replace(victims, body=prober.resources.body(operation, owner.home, text=text, fresh=True))
    if prober.send(owner, victims).answer.status not in GOOD:
        raise NoValue("A's owner cannot do what is to be repeated")
    answer = prober.try_it(attacker, victims, "the Idempotency-Key of A").answer
    if REPLAYED in answer.headers or (operation.places and answer.status in GOOD):
        prober.leaked(operation, f"{attacker.name}, the Idempotency-Key of A", f"replayed: {answer.status}")


def _is_kept(prober: Prober, foreign: Request, what: str) -> bool:
    """One foreign id among several may be passed over, as one of nobody is; it must not be written down."""
    place = what.removeprefix("body ").split(".")
    if not any(part.isdigit() for part in place):
        return True
    theirs = _at(foreign.body, tuple(int(part) if part.isdigit() else part for part in place))
    rows = [row for table in prober.world.rows.of(prober.world.b.id).values() for row in table]
    return any(theirs == value for row in rows for value in row.values())


def _at(body: Any, place: Place) -> str:  # noqa: ANN401 (any JSON value)
    for part in place:
        body = body[part]
    return str(body)


def _with(body: Any, place: Place, value: str) -> Any:  # noqa: ANN401 (any JSON value)
    """The same with another value at this place."""
    if not place:
        return value
    first, *rest = place
    changed = body.copy()
    changed[first] = _with(body[first], tuple(rest), value)
    return changed
