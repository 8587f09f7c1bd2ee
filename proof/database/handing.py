"""The attack on the functions that look across tenants, the relay's: they hand out what waits, and mark what is done.

They were reviewed, and see everybody's rows by their nature. So it counts what they hand out: rows of tables that may
be crossed, each of one tenant, and of chosen columns; what they change: such tables and no other; and who calls.
"""

from collections.abc import Iterator
from uuid import UUID

from proof.database.calls import Function
from proof.database.candidates import candidates
from proof.database.contexts import Context
from proof.database.crossings import CLOCK
from proof.database.shape import Relation, Typed, quoted
from proof.database.tenants import Tenant
from proof.database.wire import Outcome, Wire
from proof.database.world import World
from proof.tally import Tally

FAMILY, CHECK = "functions", "functions: across tenants"
PAST, MANY, FROM = "2001-02-03", "1000", "after"
"""`after` says behind whom a page begins: at nobody."""
_WORDS = ("uuid", "text", "json", "bytea")
"""Types of an answer by which a row could be handed out; numbers only count."""

type Posture = tuple[str, ...]
"""What a superuser changes before the call, so that something is waiting to be handed out."""


def hand_out(world: World, wire: Wire, role: str, function: Function, tally: Tally) -> None:
    """One function, as whoever may execute it, in every context."""
    if role != CLOCK:
        tally.leaked(CHECK, f"{function.name} as {role}", f"only {CLOCK} may call what looks across tenants")
    if whole := world.crossings.functions[function.signature]:
        tally.leaked(CHECK, function.name, f"it hands out whole rows of {whole}, whatever columns that gets")
    handed = False
    for context, posture in _tries(world):
        tally.probed(FAMILY)
        where = f"{function.name} as {role} in context {context.name}"
        outcome, seen, changes = _call(world, wire, role, function, context=context, posture=posture)
        handed = handed or any(tenant.mark.encode() in outcome.data for tenant in world.tenants)
        for row in outcome.data.decode(errors="replace").split("\n"):
            for said in world.crossings.strangers(row, world.tenants):
                tally.leaked(CHECK, where, said)
        if any(tenant.mark in seen for tenant in world.tenants):
            tally.leaked(CHECK, where, "its caller sees something of a tenant afterwards")
        if elsewhere := [name for name in changes if name not in world.crossings.tables]:
            tally.leaked(CHECK, where, f"it changed {', '.join(elsewhere)}, which may not be crossed")
    if not handed and any(word in (function.returns or "") for word in _WORDS):
        tally.unarmed.append(f"{function.name}: it hands nothing out, whatever waits: teach proof/database/handing.py")


def _call(  # noqa: PLR0913 (by name: who calls what, when)
    world: World, wire: Wire, role: str, function: Function, *, context: Context, posture: Posture
) -> tuple[Outcome, str, list[str]]:
    """What came back, one row a line; what its caller sees afterwards; and which tables are not what they were."""
    call = function.call([_value(world, argument) for argument in function.arguments])
    if not function.is_procedure:
        call = f"select to_jsonb(answer) from ({call}) answer"
    wire.enter(context.settings)
    try:
        for change in posture:
            wire.between(change)
        outcome = wire.run(call)
        seen = world.seen(wire, role) if outcome.worked else ""
        return outcome, seen, world.changes(wire, None, of_anybody=False) if outcome.worked else []
    finally:
        wire.leave()


def _value(world: World, argument: Typed) -> str | None:
    """Of the first tenant, where something of a tenant can be named: the second has as much to lose."""
    first = world.tenants[0]
    if argument.name == FROM:
        return str(UUID(int=0))
    if argument.element == "uuid":
        whose = "tenant" in argument.name or argument.name.endswith("_of")
        found = first.id if whose else _crossed_id(world, first)
        return f"{{{found}}}" if argument.is_array else found
    if argument.base in {"smallint", "integer", "bigint"}:
        return MANY
    for relation in _crossed(world):
        if argument.name in relation.column_names:
            return world.target(relation, first)[argument.name]
    return next(iter(candidates(argument, first.mark, 0)), None)


def _crossed(world: World) -> list[Relation]:
    return [r for r in world.relations if r.name in world.crossings.tables and not r.is_partition]


def _crossed_id(world: World, tenant: Tenant) -> str:
    return str(
        next(world.target(relation, tenant)["id"] for relation in _crossed(world) if "id" in relation.column_names)
    )


def _tries(world: World) -> Iterator[tuple[Context, Posture]]:
    """As it is, in every context; in one of them each posture."""
    yield from ((context, ()) for context in world.contexts)
    entered = next(context for context in world.contexts if context.own)
    yield from ((entered, posture) for posture in _postures(world))


def _postures(world: World) -> Iterator[Posture]:
    """Everything due: as it is else, and in each state that a check knows, with as little else as the checks allow."""
    yield tuple(change for relation in _crossed(world) if (change := _late(relation)))
    words = dict.fromkeys(word for relation in _crossed(world) for word in _words(relation))
    for word in ("", *words):
        yield tuple(_due(relation, word) for relation in _crossed(world))


def _words(relation: Relation) -> Iterator[str]:
    """What a column of states can hold."""
    for column in relation.columns:
        if column.name in {"state", "status"}:
            checks = " ".join(k.says for k in relation.constraints if k.kind == "c" and column.name in k.columns)
            yield from (column.labels or [word for word in checks.split("'")[1::2] if word.isidentifier()])


def _late(relation: Relation) -> str:
    """Moments that have to be are past."""
    late = [
        f"{quoted(c.name)} = '{PAST}'"
        for c in relation.columns
        if c.type.startswith("timestamp") and c.required and c.name not in relation.key and not c.computed
    ]
    return f"update {relation.name} set {', '.join(late)}" if late else ""


def _due(relation: Relation, word: str) -> str:
    """Moments that have to be are past, and whatever need not be is not."""
    changes = [
        f"{quoted(c.name)} = '{PAST}'" if c.type.startswith("timestamp") and c.required else f"{quoted(c.name)} = null"
        for c in relation.columns
        if c.name not in relation.key and (c.type.startswith("timestamp") or not c.required) and not c.computed
    ]
    changes += [f"{quoted(c.name)} = '{word}'" for c in relation.columns if word and c.name in {"state", "status"}]
    return f"update {relation.name} set {', '.join(changes)}"
