"""What may look across tenants: the tables and privileges that were reviewed, and the functions of the relay.

Everything else that crosses is a leak. What was reviewed is looked at all the same: what a function hands out must
stand in a table that may be crossed, each row of one tenant; and it changes nothing anywhere else.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import psycopg

from freehold.database.gate import Reviewed, reviewed
from proof.database.shape import Relation
from proof.database.tenants import Tenant

RELAY, CLOCK = "freehold_relay", "freehold_system"
_UPDATES = ("update", "update returning", "update all", "update all returning", "merge, update", "change")
_INSERTS = (
    *("insert", "insert returning", "insert, on conflict do nothing", "insert, on conflict do update"),
    *("insert the least", "insert, tenant by default", "copy from"),
)
_DELETES = ("delete", "delete returning", "delete all", "merge, delete")
_CLAIMS = {"app.sso_connections": "issuer_taken", "app.domains": "domain_taken"}
"""What is one tenant's in the whole world: whoever claims what is another's is told that it is taken, by this word."""
_NEEDS = dict.fromkeys(_UPDATES, "update") | dict.fromkeys(_INSERTS, "insert") | dict.fromkeys(_DELETES, "delete")
"""The privilege that a verb takes. What moves a row to another tenant is not among them, nor what takes one over."""
_DIGEST = re.compile(r" @ [0-9a-f]{12}$")
_OWNED = """
    select format('%%I.%%I(%%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)), c.oid::regclass::text
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace left join pg_class c on c.reltype = p.prorettype
     where p.proowner = to_regrole(%s)
"""


class Crossings:
    """Read from the reviews, and held against the database."""

    def __init__(
        self, connection: psycopg.Connection, relations: Sequence[Relation], reviews: Sequence[Reviewed] | None = None
    ) -> None:
        """`reviews` are those of the gate."""
        self._connection, self._relations = connection, relations
        self._reviews = [
            (each.rule, _DIGEST.sub("", each.object)) for each in (reviewed() if reviews is None else reviews)
        ]

    @cached_property
    def tables(self) -> frozenset[str]:
        """Tables that the relay may read across tenants, with their parts."""
        found = {name for rule, name in self._reviews if rule == "crossings_are_reviewed"}
        parents: dict[int, int] = dict(
            self._connection.execute(
                "select i.inhrelid::int8, i.inhparent::int8 from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                " where c.relkind in ('r', 'p')"
            ).fetchall()
        )
        names = {relation.oid: relation.name for relation in self._relations}
        return frozenset(name for oid, name in names.items() if found & set(_lineage(oid, parents, names)))

    @cached_property
    def functions(self) -> dict[str, str | None]:
        """The relay's functions that were reviewed, by name and arguments; and whose table's whole rows one returns."""
        owned = self._connection.execute(_OWNED, [RELAY]).fetchall()
        known = {name for rule, name in self._reviews if rule == "definers_are_reviewed"}
        return {name: whole for name, whole in owned if name in known}

    @cached_property
    def _nobodys(self) -> frozenset[str]:
        """Roles that nobody logs in as: what they read is read by reviewed functions alone."""
        found = self._connection.execute("select rolname from pg_roles where not rolcanlogin").fetchall()
        return frozenset(name for (name,) in found)

    @cached_property
    def _telling(self) -> frozenset[str]:
        """Tables of nobody's rows that were reviewed although they tell which tenants there are."""
        return frozenset(name.rpartition(".")[0] for rule, name in self._reviews if rule == "global_tells_of_nobody")

    def allows(self, role: str, relation: Relation, verb: str, kind: str) -> bool:
        """Whether the role may do this to everybody's rows of a table."""
        privilege = "insert" if verb.startswith("collide on ") else _NEEDS.get(verb, kind)
        if not relation.held_by:
            may_be_told = privilege == "read" and role in self._nobodys and relation.name in self._telling
            return may_be_told or ("global_read_only", f"{relation.name} ({role}, {privilege})") in self._reviews
        if role != RELAY or relation.name not in self.tables:
            return False
        given = ("relay_is_granted_little", f"{relation.name} ({role}, {privilege})") in self._reviews
        return given or privilege in {"read", "update"}

    def is_claimed(self, relation: Relation, said: str) -> bool:
        """Whether a refusal tells no more than that somebody else has claimed this."""
        return said.startswith(_CLAIMS.get(relation.name, "\0"))

    def strangers(self, row: str, tenants: Sequence[Tenant]) -> Iterator[str]:
        """A sentence for each thing in a row that a function handed out and that it may not hand out."""
        named = [tenant for tenant in tenants if tenant.mark in row]
        if len(named) > 1:
            yield "one row of its answer holds something of two tenants"
        for tenant in named:
            known = self._known(tenant)
            words = re.findall(rf'[^\s",{{}}()\[\]\\]*{tenant.mark}[^\s",{{}}()\[\]\\]*', row)
            if unknown := {word for word in words if word not in known}:
                yield f"its answer holds {min(unknown)}, which stands in no table that may be crossed"

    def _known(self, tenant: Tenant) -> str:
        """All that stands in the tables that may be crossed, of one tenant."""
        texts = [
            self._connection.execute(
                f"select coalesce(string_agg(to_jsonb(t)::text, ' '), '') from {name} t where tenant_id = %s".encode(),
                [tenant.id],
            ).fetchone()
            for name in sorted(self.tables)
        ]
        return " ".join([tenant.id, *(str(text[0]) for text in texts if text)])


def _lineage(oid: int, parents: dict[int, int], names: dict[int, str]) -> Iterator[str]:
    """A table's name, and those of what it is a part of."""
    current: int | None = oid
    while current is not None:
        yield names.get(current, "")
        current = parents.get(current)
