"""The attack on functions: each one that a role may execute is called with what belongs to somebody else.

No function is known by name: an adopter's is attacked on the day it is added. It gets foreign ids and the attacker's
own identity; afterwards the attacker looks at every table. Nothing of another tenant's may come back, or change.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from proof.database.calls import Function, callable_by
from proof.database.candidates import candidates
from proof.database.contexts import Context
from proof.database.handing import hand_out
from proof.database.shape import IDENTITY, Typed
from proof.database.sides import READ
from proof.database.tenants import Tenant, new_mark
from proof.database.wire import DENIED, Outcome, Wire
from proof.database.works import ENTRANCES
from proof.database.world import World
from proof.tally import Tally

FAMILY = "functions"
NOBODY = new_mark()
_PASSING = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[ T][\d:.+-]+")
"""Ids and moments: another each time that something is made."""
NEVER_RAN = ("22", "23", "42")
"""Classes of errors that a call ends in before the function has done anything: its arguments were not to its liking."""


@dataclass(slots=True)
class FunctionAttack:
    """On one database, as every role that can log in."""

    world: World
    focus: str = ""
    """Limits it to functions whose name contains this."""
    stop_early: bool = False
    """Whether the first leak is enough."""
    foreign_ids: int | None = None
    """How many each is called with, the tenant's first; by default one of each table."""
    tally: Tally = field(default_factory=Tally)

    def run(self) -> Tally:
        """Each role, each of its functions, each context, each kind of foreign id."""
        for role in self.world.logins:
            with self.world.wire(role) as wire:
                for function in callable_by(self.world.filler.connection, role):
                    if self.focus in function.name:
                        self._attack(wire, role, function)
                    if self.stop_early and self.tally.leaks:
                        return self.tally
        return self.tally

    def _attack(self, wire: Wire, role: str, function: Function) -> None:
        if function.signature in self.world.crossings.functions:
            hand_out(self.world, wire, role, function, self.tally)
            return
        ran = [self._attack_in(context, wire, role, function) for context in self.world.contexts]
        if not any(ran):
            self.tally.unarmed.append(
                f"{function.name}: no call as {role} gets as far as its first line: teach candidates.py its types"
            )

    def _attack_in(self, context: Context, wire: Wire, role: str, function: Function) -> bool:
        """Whether it ran at all."""
        victim, attacker = self._sides(context)
        lets_in, ran = function.name in ENTRANCES and not context.settings, False
        for foreign, anywhere in itertools.product(self._foreign_ids(victim), (False, True)):
            values = [self._value(argument, attacker, victim, foreign) for argument in function.arguments]
            if anywhere:
                pairs = zip(function.arguments, values, strict=True)
                values = [_with(foreign, argument) or value for argument, value in pairs]
            self.tally.probed(FAMILY)
            outcome, said, changed = self._try(wire, role, context, function.call(values), [v for v in values if v])
            lost = [table for table in changed if not (lets_in and table == ENTRANCES[function.name])]
            ran = ran or _ran(function, outcome)
            where = f"{function.name} as {role} in context {context.name}, with an id of {victim.name}"
            if lost:
                self.tally.leaked(f"{FAMILY}: call", where, f"afterwards {', '.join(lost)} is not what it was")
            if lets_in:
                continue
            if any(mark in said for mark in self.world.foreign_marks(context) if mark != attacker.mark):
                self.tally.leaked(f"{FAMILY}: call", where, "something of another tenant came back")
            absent = [value and value.replace(victim.mark, NOBODY) for value in values]
            if self._answer(wire, context, function.call(values)) != self._answer(wire, context, function.call(absent)):
                self.tally.leaked(f"{FAMILY}: call", where, "it answers otherwise than about what does not exist")
        return ran

    def _answer(self, wire: Wire, context: Context, call: str) -> str:
        """What a client can tell from it, without what is another each time."""
        wire.enter(context.settings)
        try:
            outcome = wire.run(call)
        finally:
            wire.leave()
        marks = re.compile("|".join([NOBODY, *(tenant.mark for tenant in self.world.tenants)]))
        return f"{outcome.state} {outcome.rows} {marks.sub('*', _PASSING.sub('*', _text(outcome)))}"

    def _sides(self, context: Context) -> tuple[Tenant, Tenant]:
        victim = next(tenant for tenant in self.world.tenants if tenant is not context.own)
        return victim, next(tenant for tenant in self.world.tenants if tenant is not victim)

    def _foreign_ids(self, victim: Tenant) -> Iterator[str]:
        ids = (self.world.target(r, victim).get("id") for r in self.world.relations if r.is_table and r.held_by)
        foreign = dict.fromkeys([victim.id, *(found for found in ids if found)])
        yield from itertools.islice(foreign, self.foreign_ids)

    def _value(self, argument: Typed, attacker: Tenant, victim: Tenant, foreign: str) -> str | None:
        """Who calls is the attacker, as they truly are; whatever else can be named is the victim's."""
        if argument.name in IDENTITY and argument.base == "text":
            return self.world.member(attacker)[argument.name]
        if argument.base == "uuid":
            return victim.id if "tenant" in argument.name else foreign
        if argument.name == "permission":
            return READ
        likely = candidates(argument, attacker.mark, 0)
        return self._of_the_victim(argument, victim) or (likely[0] if likely else None)

    def _of_the_victim(self, argument: Typed, victim: Tenant) -> str | None:
        """What stands in a column of the same name, such as an e-mail address; no hash, which would be a credential."""
        if argument.base == "text":
            for relation in self.world.relations:
                if relation.is_table and relation.held_by and argument.name in relation.column_names:
                    return self.world.target(relation, victim)[argument.name]
        return None

    def _try(
        self, wire: Wire, role: str, context: Context, call: str, sent: Sequence[str]
    ) -> tuple[Outcome, str, list[str]]:
        """What came back and what is seen afterwards, without what was sent; and which tables others find changed.

        Only what was sent of a tenant's is taken out: without each "1", hardly a mark would be one any more.
        """
        wire.enter(context.settings)
        try:
            outcome = wire.run(call)
            said = _text(outcome) + " " + (self.world.seen(wire, role) if outcome.worked else "")
            lost = self.world.changes(wire, context.own, of_anybody=False) if outcome.worked else []
        finally:
            wire.leave()
        marked = [value for value in sent if any(tenant.mark in value for tenant in self.world.tenants)]
        for value in sorted(marked, key=len, reverse=True):
            said = said.replace(value, "")
        return outcome, said, lost


def _with(foreign: str, argument: Typed) -> str | None:
    """A foreign id where a text, an array or a document is asked for; None where it fits nowhere."""
    if argument.name in {*IDENTITY, "permission"}:
        return None
    if argument.is_array and argument.element in {"uuid", "text"}:
        return f"{{{foreign}}}"
    return {"text": foreign, "json": f'{{"id": "{foreign}"}}', "jsonb": f'{{"id": "{foreign}"}}'}.get(argument.base)


def _ran(function: Function, outcome: Outcome) -> bool:
    """Whether it got as far as its first line, or was refused for whoever calls it."""
    refused_its_arguments = outcome.state.startswith(NEVER_RAN) and outcome.state != DENIED
    return not refused_its_arguments or function.name.partition(".")[2].strip('"') in outcome.said


def _text(outcome: Outcome) -> str:
    return outcome.said + outcome.data.decode(errors="replace")
