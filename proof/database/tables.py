"""Tries each verb on each table, as each role, in each context, and looks for what should not be there.

A statement is prepared once on a connection, run as its rightful owner until PostgreSQL keeps its plan, and then run by
everybody else. It leaks when
- what comes back, or an error's words, carry the mark of a tenant other than the context's own;
- a row of anybody else is another afterwards, or gone, or new;
- it answers differently about a foreign row than about one that does not exist.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from proof.database.contexts import Context
from proof.database.rows import Row
from proof.database.shape import Relation
from proof.database.tenants import Tenant, new_mark
from proof.database.verbs import Statement, statement, verbs
from proof.database.wire import DENIED, Outcome, Wire
from proof.database.world import World
from proof.tally import Tally

type AfterStep = Callable[[int, int], None]

WARM = 12
"""Executions before PostgreSQL has decided for a kept plan: it tries five custom ones first."""
PAST_THE_POLICY = ("23505", "23503", "23001", "23514", "P0001")
"""Refused by a constraint or a trigger: the policy had let the row through."""
OF_SEVERAL_TENANTS = "another_tenant"
"""What a limited table says to whoever is exempt from policies, and has reached the rows of more than one tenant."""
LATE = "set constraints all immediate"
"""What a statement that changes something is refused for at the end of its transaction."""
BEYOND_A_GRANT = ("move a row away", "copy from", "truncate", "switch off")
"""What the policy, or the want of ownership, keeps even a rightful tenant from; a superuser arms these."""
_NOBODY = new_mark()


@dataclass(frozen=True, slots=True)
class Aim:
    """Whom a probe attacks, in which context."""

    context: Context
    victim: Tenant


@dataclass(slots=True)
class Attack:
    """The attack on the tables of one database. `family` is what its probes count as."""

    world: World
    family: str
    focus: str = ""
    """Limits it to relations whose name contains this."""
    stop_early: bool = False
    """Whether the first leak is enough."""
    all_granted: bool = False
    """Whether each role was given everything, so that each has to achieve with its own rows what it then tries."""
    quick: bool = False
    """Whether every other context is enough, and the first where the privilege is missing, which it is in all."""
    tally: Tally = field(default_factory=Tally)

    def run(self, roles: Sequence[str], after_step: AfterStep = lambda *_: None) -> Tally:
        """Every role, one after the other."""
        targets = [relation for relation in self.world.relations if self.focus in relation.name]
        with self.world.wire() as exempt:
            self._arm(exempt, targets)
        for number, role in enumerate(roles):
            after_step(number, len(roles))
            with self.world.wire(role) as used, self.world.login(role) as fresh:
                attacker = Attacker(self, role, used, fresh)
                for relation in targets:
                    attacker.try_all(relation)
                    if self.stop_early and self.tally.leaks:
                        return self.tally
        after_step(len(roles), len(roles))
        return self.tally

    def _arm(self, exempt: Wire, targets: Sequence[Relation]) -> None:
        """Whoever is exempt from every policy can do it: so the statement itself reaches the row."""
        aim = _rightful(self.world)
        for relation in targets:
            for verb in verbs(relation):
                written = statement(verb, relation, (self.world.any_column(relation),))
                if _has_to_reach(written) and not _armed(written, _try(self.world, exempt, written, aim), aim.victim):
                    self.tally.unarmed.append(f"{verb.name} on {relation.name}: even its owner achieves nothing by it")


def _rightful(world: World) -> Aim:
    """Whoever attacks their own rows."""
    first = world.tenants[0]
    return Aim(next(context for context in world.contexts if context.own is first), first)


@dataclass(frozen=True, slots=True)
class Attacker:
    """One role, on a connection that was used and on one that was not."""

    attack: Attack
    role: str
    used: Wire
    fresh: Wire

    @property
    def _world(self) -> World:
        return self.attack.world

    def try_all(self, relation: Relation) -> None:
        """Each verb, in every context; the owner of it all may do what owners may."""
        for verb in verbs(relation):
            if self.role != self._world.owner or (verb.kind != "seize" and relation.held_by):
                self._try_out(statement(verb, relation, self._world.updatable(self.role, relation)))

    def _try_out(self, written: Statement) -> None:
        denied = self._warm_up(written) == DENIED
        for context in self._contexts(denied=denied):
            self.attack.tally.probed(self.attack.family)
            victim = next(tenant for tenant in self._world.tenants if tenant is not context.own)
            self._judge(written, Aim(context, victim), denied=denied)

    def _contexts(self, *, denied: bool) -> Sequence[Context]:
        if not self.attack.quick:
            return self._world.contexts
        return self._world.contexts[:1] if denied else self._world.contexts[::2]

    def _warm_up(self, written: Statement) -> str:
        """As the rightful owner, until the plan is kept; the state that it ended with, if by a missing privilege."""
        rightful = _rightful(self._world)
        for _ in range(WARM):
            outcome = _try(self._world, self.used, written, rightful)
            if self._must_arm(written) and not _armed(written, outcome, rightful.victim):
                self.attack.tally.unarmed.append(
                    f"{written.verb.name} on {written.relation.name}: {self.role} achieves nothing"
                )
            if outcome.state == DENIED and "row-level security" not in outcome.said:
                return DENIED
            if not (written.verb.prepared and outcome.worked):
                break
        return ""

    def _must_arm(self, written: Statement) -> bool:
        """A tenant can neither do what is beyond a grant, nor bring another tenant into being."""
        another_tenant = written.relation.held_by == ("id",) and written.sources[:1] in (
            (("new", "id"),),
            (("fresh", "id"),),
        )
        beyond = written.verb.name in BEYOND_A_GRANT or another_tenant or written.relation.has_more_policies
        return self.attack.all_granted and _has_to_reach(written) and bool(written.relation.held_by) and not beyond

    def _judge(self, written: Statement, aim: Aim, *, denied: bool) -> None:
        wire = self.fresh if aim.context.fresh else self.used
        outcome, relation = _try(self._world, wire, written, aim, look=self._look(written, aim)), written.relation
        if self._world.crossings.allows(self.role, relation, written.verb.name, written.verb.kind):
            return
        for complaint in self._complaints(written, aim, outcome):
            self._leaked(written, aim, complaint)
        if written.names_the_target and not denied and not self._world.crossings.is_claimed(relation, outcome.said):
            absent = _try(self._world, wire, written, aim, absent=True)
            if (seen := _shown(outcome, aim.victim.mark)) != (other := _shown(absent, _NOBODY)):
                self._leaked(written, aim, f"a foreign row answers {seen}, one that does not exist {other}")

    def _look(self, written: Statement, aim: Aim) -> Callable[[Wire], str]:
        """What somebody else has lost by it; empty where nothing."""

        def look(wire: Wire) -> str:
            if written.verb.kind == "read" or aim.context.fresh:
                return ""
            named = written.names_the_target  # then it may hold what it names
            return self._world.changed(wire, aim.context.own) or (
                "" if named else self._world.taken(wire, aim.context.own)
            )

        return look

    def _complaints(self, written: Statement, aim: Aim, outcome: "Seen") -> Iterator[str]:
        if outcome.lost:
            yield f"afterwards {outcome.lost}"
        if not _is_named(written, self._world, aim) and _carries(outcome, self._world.foreign_marks(aim.context)):
            yield "something of another tenant came back"
        if written.verb.kind == "seize" and (outcome.worked or outcome.state in PAST_THE_POLICY):
            yield "it was allowed"
        if aim.context.fresh and written.verb.kind == "write" and outcome.worked and outcome.touched:
            yield f"it changed {outcome.touched} rows"
        if written.verb.name == "count" and outcome.worked:
            wanted = self._world.count(written.relation, aim.context.own)
            if int(outcome.data) > wanted:
                yield f"it counted {outcome.data.decode()} rows, where {wanted} may be seen"

    def _leaked(self, written: Statement, aim: Aim, complaint: str) -> None:
        where = f"{written.relation.name} as {self.role} in context {aim.context.name}, at {aim.victim.name}'s row"
        self.attack.tally.leaked(f"{self.attack.family}: {written.verb.name}", where, complaint)


@dataclass(frozen=True, slots=True)
class Seen(Outcome):
    """An outcome, and what others have lost by it."""

    lost: str = ""


def _try(  # noqa: PLR0913 (by name: who, what, against whom)
    world: World,
    wire: Wire,
    written: Statement,
    aim: Aim,
    *,
    absent: bool = False,
    look: Callable[[Wire], str] = lambda _: "",
) -> Seen:
    """Run it in a transaction of its own, look at what it did, and undo it."""
    values = _values(world, written, aim, absent=absent)
    wire.enter(aim.context.settings)
    try:
        outcome = _run(wire, written, values)
        if outcome.worked and written.verb.kind != "read" and not (late := wire.run(LATE)).worked:
            outcome = late
        lost = look(wire) if outcome.worked else ""
        return Seen(outcome.state, outcome.said, outcome.rows, outcome.touched, outcome.data, lost)
    finally:
        wire.leave()


def _run(wire: Wire, written: Statement, values: Mapping[tuple[str, str], str | None]) -> Outcome:
    if not written.verb.prepared:
        row = "\t".join(r"\N" if v is None else _escaped(v) for v in values.values()).encode() + b"\n"
        return wire.run(written.sql, copying=row)
    if not (prepared := wire.prepare(written.sql)).worked:
        return prepared
    return wire.execute(written.sql, [values[source] for source in written.sources])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _values(world: World, written: Statement, aim: Aim, *, absent: bool) -> dict[tuple[str, str], str | None]:
    """By source and column; for a verb without parameters, the row that a COPY sends."""
    relation = written.relation
    attacker = aim.context.own or aim.victim
    if not relation.held_by or not relation.is_table:
        return {}
    rows: dict[str, Row] = {
        "target": world.target(relation, aim.victim),
        "own": world.target(relation, attacker),
        "new": world.spare(relation, aim.victim),
        "fresh": world.spare(relation, attacker),
    }
    if absent:
        rows |= {name: _nobodys(rows[name], relation, aim.victim, whole=name == "new") for name in ("target", "new")}
    if not written.verb.prepared:
        return {("new", c.name): rows["new"][c.name] for c in relation.columns if not c.computed}
    return {(source, column): rows[source][column] for source, column in written.sources}


def _nobodys(row: Row, relation: Relation, victim: Tenant, *, whole: bool) -> Row:
    """The same row with nobody's mark; whose it is stays, where something else tells rows apart."""
    kept = () if whole or not set(relation.key) - set(relation.held_by) else relation.held_by
    return {name: value if name in kept else _swapped(value, victim.mark, _NOBODY) for name, value in row.items()}


def _swapped(value: str | None, mark: str, other: str) -> str | None:
    return value and value.replace(mark, other).replace(_hex(mark), _hex(other))


def _hex(mark: str) -> str:
    return mark.encode().hex()


def _shown(outcome: Outcome, mark: str) -> str:
    """What a client can tell from it, with the mark taken out."""
    said = str(_swapped(outcome.said, mark, "*"))
    return f"{outcome.state or 'success'} ({outcome.rows} rows, {outcome.touched} touched) {said}".strip()


def _carries(outcome: Outcome, marks: tuple[str, ...]) -> bool:
    text = outcome.data + outcome.said.encode()
    return any(mark.encode() in text or _hex(mark).encode() in text for mark in marks)


def _is_named(written: Statement, world: World, aim: Aim) -> bool:
    """Whether the statement itself holds the mark, so that its coming back means nothing."""
    sent = _values(world, written, aim, absent=False)
    return any(mark in str(value) for value in sent.values() for mark in world.foreign_marks(aim.context))


def _has_to_reach(written: Statement) -> bool:
    """A view may show nothing of anybody, and what is nobody's may be empty."""
    relation = written.relation
    return relation.is_table and (bool(relation.held_by) or written.verb.kind != "read")


def _armed(written: Statement, outcome: Outcome, victim: Tenant) -> bool:
    if outcome.state in PAST_THE_POLICY or OF_SEVERAL_TENANTS in outcome.said or _carries(outcome, (victim.mark,)):
        return True
    return outcome.worked and (bool(outcome.touched) or written.verb.may_do_nothing)
