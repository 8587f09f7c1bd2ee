"""The attack on functions: each one that a role may execute is called with what belongs to somebody else.

No function is known by name: an adopter's is attacked on the day it is added. It gets foreign ids and the attacker's
own identity; afterwards the attacker looks at every table. Nothing of another tenant's may come back, or change.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from proof.database.contexts import Context
from proof.database.shape import OURS
from proof.database.tenants import Tenant
from proof.database.wire import Outcome, Wire
from proof.database.world import World
from proof.tally import Tally

FAMILY = "functions"
_FUNCTIONS = f"""
    select coalesce(json_agg(json_build_object(
               'name', format('%%I.%%I', n.nspname, p.proname), 'is_procedure', p.prokind = 'p',
               'arguments', (select coalesce(json_agg(json_build_array(
                                 coalesce(p.proargnames[place], ''), format_type(type, null)) order by place), '[]')
                               from unnest(p.proargtypes::oid[]) with ordinality a(type, place)))
               order by n.nspname, p.proname, p.oid), '[]')
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where {OURS} and p.prokind in ('f', 'p') and p.prorettype <> 'trigger'::regtype
       and has_schema_privilege(%(role)s, n.oid, 'usage') and has_function_privilege(%(role)s, p.oid, 'execute')
"""
_BY_TYPE = {
    "bigint": "1",
    "boolean": "true",
    "bytea": "\\x00",
    "integer": "1",
    "json": "{}",
    "jsonb": "{}",
    "numeric": "1",
    "smallint": "1",
    "text[]": "{}",
    "uuid[]": "{}",
    "timestamp with time zone": "now",
    "date": "today",
}


class Function(BaseModel):
    """A function or a procedure; arguments are pairs of name and type."""

    model_config = ConfigDict(frozen=True)

    name: str
    is_procedure: bool
    arguments: tuple[tuple[str, str], ...]

    def call(self, values: dict[str, str], foreign: str) -> str:
        """It, with values for arguments of these names, and a foreign id wherever an id is asked for."""
        given = (_literal(values.get(name, foreign if kind == "uuid" else ""), kind) for name, kind in self.arguments)
        return f"{'call' if self.is_procedure else 'select * from'} {self.name}({', '.join(given)})"


@dataclass(slots=True)
class FunctionAttack:
    """On one database, as every role that can log in."""

    world: World
    tally: Tally = field(default_factory=Tally)

    def run(self) -> Tally:
        """Each role, each of its functions, each context, each kind of foreign id."""
        for role in self.world.logins:
            with self.world.wire(role) as wire:
                for function in self._functions(role):
                    self._attack(wire, role, function)
        return self.tally

    def _functions(self, role: str) -> list[Function]:
        row = self.world.filler.connection.execute(_FUNCTIONS, {"role": role}).fetchone()
        return [Function.model_validate(found) for found in (row[0] if row else [])]

    def _attack(self, wire: Wire, role: str, function: Function) -> None:
        for context in self.world.contexts:
            victim, attacker = self._sides(context)
            for foreign in self._foreign_ids(victim):
                self.tally.probed(FAMILY)
                said, lost = self._try(wire, context, function.call(self._values(attacker, victim), foreign), foreign)
                where = f"{function.name} as {role} in context {context.name}, with an id of {victim.name}"
                if lost:
                    self.tally.leaked(f"{FAMILY}: call", where, f"it changed {lost}")
                if any(mark in said for mark in self.world.foreign_marks(context) if mark != attacker.mark):
                    self.tally.leaked(f"{FAMILY}: call", where, "something of another tenant came back")

    def _sides(self, context: Context) -> tuple[Tenant, Tenant]:
        victim = next(tenant for tenant in self.world.tenants if tenant is not context.own)
        return victim, next(tenant for tenant in self.world.tenants if tenant is not victim)

    def _foreign_ids(self, victim: Tenant) -> Iterator[str]:
        ids = (self.world.target(r, victim).get("id") for r in self.world.relations if r.is_table and r.held_by)
        yield from dict.fromkeys([victim.id, *(found for found in ids if found)])

    def _values(self, attacker: Tenant, victim: Tenant) -> dict[str, str]:
        """By argument: who calls is the attacker, as they truly are; whose tenant it is, is the victim."""
        member = self.world.member(attacker)
        return {
            "tenant": victim.id,
            "tenant_id": victim.id,
            "issuer": str(member["issuer"]),
            "subject": str(member["subject"]),
            "permission": "projects:read",
        }

    def _try(self, wire: Wire, context: Context, call: str, sent: str) -> tuple[str, str]:
        """What came back and what is seen afterwards, without what was sent; and what others have lost."""
        wire.enter(context.settings)
        try:
            outcome = wire.run(call)
            seen = [outcome, *(self._look_around(wire) if outcome.worked else ())]
            lost = self.world.changed(wire, context.own, of_anybody=False) if outcome.worked else ""
        finally:
            wire.leave()
        return " ".join(_text(one).replace(sent, "") for one in seen), lost

    def _look_around(self, wire: Wire) -> Iterator[Outcome]:
        for relation in self.world.relations:
            if relation.held_by and relation.is_table:
                wire.must("savepoint look")
                yield wire.run(f"select * from {relation.name}")
                wire.must("rollback to look")


def _literal(value: str, kind: str) -> str:
    return f"'{(value or _BY_TYPE.get(kind, 'x')).replace("'", "''")}'::{kind}"


def _text(outcome: Outcome) -> str:
    return outcome.said + outcome.data.decode(errors="replace")
