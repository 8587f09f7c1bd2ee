"""Fields that only the server may set, sent along with a good body: refused, or as if they were not there.

The attacker owns both tenants and acts in B: whoever may act in A cannot be kept from it at the door when a body leads
there, so it must not lead there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from proof.http.answers import shortened
from proof.http.expected import FOR_FEW, GOOD
from proof.http.operations import Operation
from proof.http.principals import Principal
from proof.http.probe import Prober, Request
from proof.http.routes import own
from proof.http.rows import Row
from proof.http.values import NoValue, properties, resolved

LONG_AGO = "2001-01-01T00:00:00+00:00"
FOREIGN = "foreign"
OFFSET = 4242
NOTHING = {"nothing": "at all"}
"""A query that means nothing, so that what is made of the request as it was sent differs with it."""

type Effect = list[tuple[str, Row]]


@dataclass(frozen=True, slots=True)
class Usual:
    """What a request without any such field writes, and which columns differ each time."""

    effect: Effect
    made_up: frozenset[tuple[str, str]]


def attack_body(prober: Prober, operation: Operation, attacker: Principal) -> None:
    """Each field by itself, then all at once, in the body, in the query and as headers."""
    try:
        if operation.route in FOR_FEW or not isinstance(prober.resources.body(operation, attacker.home), dict):
            return
        usual = _usual(prober, operation, attacker)
    except NoValue as missing:
        prober.tally.unarmed.append(f"{operation.route}, fields of its body: {missing}")
        return
    values = _values(prober, operation, usual)
    for extra in (*({name: value} for name, value in values.items()), values):
        request = own(prober, operation, attacker, fresh=True)
        _try(prober, attacker, replace(request, body={**request.body, **extra}), extra, usual)
    request = own(prober, operation, attacker, fresh=True)
    flat = {name: str(value) for name, value in values.items()}
    _try(prober, attacker, replace(request, query=flat), flat, usual)
    request = own(prober, operation, attacker, fresh=True)
    headers = {f"{prefix}{name.replace('_', '-')}": value for name, value in flat.items() for prefix in ("", "x-")}
    _try(prober, attacker, replace(request, headers={**headers, **request.headers}), headers, usual)


def _usual(prober: Prober, operation: Operation, attacker: Principal) -> Usual:
    effects = []
    for more in ({}, {}, NOTHING):
        request = own(prober, operation, attacker, fresh=True)
        request = replace(request, query={**request.query, **more})
        before = prober.world.rows.moment()
        answer = prober.send(attacker, request).answer
        if answer.status not in GOOD:
            if more:
                continue
            raise NoValue(f"without them it is answered {answer.status}: {shortened(answer.body)}")
        effects.append(prober.world.rows.written(attacker.home.id, since=before))
    entries = zip(*(sorted(effect, key=_place) for effect in effects), strict=False)
    made_up = {
        (table, name)
        for (table, one), *others in entries
        for name in one
        if any(one[name] != o.get(name) for _, o in others)
    }
    return Usual(effects[0], frozenset(made_up))


def _values(prober: Prober, operation: Operation, usual: Usual) -> dict[str, Any]:
    """The columns of every row that it writes and the fields of its answer, each with a value of A's."""
    schemas = prober.world.interface.schemas
    shown, taken = properties(operation.answer, schemas), properties(operation.body or {}, schemas)
    theirs = prober.world.rows.of(prober.world.a.id)
    values: dict[str, Any] = dict.fromkeys(shown, FOREIGN)
    for table in dict.fromkeys(map(_table, usual.effect)):
        ours = next(row for name, row in usual.effect if name == table)
        for column, value in ours.items():
            values[column] = _another(value, (row[column] for row in theirs.get(table, ())))
    for name, schema in shown.items():
        if choices := resolved(schema, schemas).get("enum"):
            values[name] = next((choice for choice in choices if choice != values[name]), choices[0])
    values["tenant_id"] = prober.world.a.id
    known = {_plain(name) for name in taken}
    return {name: value for name, value in values.items() if _plain(name) not in known}


def _plain(name: str) -> str:
    """SCIM's names are the same in any case, and its library takes `user_name` for `userName`."""
    return name.replace("_", "").lower()


def _another(ours: Any, theirs: Iterable[Any]) -> Any:  # noqa: ANN401 (any JSON value)
    """A value of A's that is not what B's would be anyway."""
    if isinstance(ours, bool):
        return not ours
    if isinstance(ours, int):
        return ours + OFFSET
    return next((value for value in theirs if value not in (None, ours)), LONG_AGO if ours is None else FOREIGN)


def _try(prober: Prober, attacker: Principal, request: Request, extra: Mapping[str, Any], usual: Usual) -> None:
    what = f"with {shortened(', '.join(extra), 60)}"
    before = prober.world.rows.moment()
    heard = prober.try_it(attacker, request, what)
    if heard.answer.status not in GOOD:
        return
    effect = prober.world.rows.written(attacker.home.id, since=before)
    for said in _differences(usual, effect, extra):
        prober.leaked(request.operation, f"{attacker.name}, {what}", said)


def _differences(usual: Usual, effect: Effect, extra: Mapping[str, Any]) -> Iterable[str]:
    if sorted(map(_table, usual.effect)) != sorted(map(_table, effect)):
        yield f"it wrote to {sorted(map(_table, effect))}, not to {sorted(map(_table, usual.effect))}"
        return
    for (table, expected), (_, row) in zip(sorted(usual.effect, key=_place), sorted(effect, key=_place), strict=True):
        for name, value in row.items():
            told = name in extra and str(value) == str(extra[name])
            if (told and (table, name) in usual.made_up) or (
                value != expected[name] and (table, name) not in usual.made_up
            ):
                yield f"{table}.{name} became {value}"


def _table(entry: tuple[str, Row]) -> str:
    return entry[0]


def _place(entry: tuple[str, Row]) -> tuple[str, str]:
    """Of a table's rows there may be several: what was done tells them apart."""
    table, row = entry
    return table, str(row.get("action") or row.get("type") or "")
