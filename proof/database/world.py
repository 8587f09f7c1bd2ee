"""A database of the product in which tenants have rows in every table, and what the attacks ask about it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import psycopg

from freehold.database.migrations.bootstrap import ADMIN, DATABASE, MIGRATOR
from local.postgres import SUPERUSER, Postgres
from proof.database import shape
from proof.database.contexts import Context, contexts
from proof.database.crossings import Crossings
from proof.database.rows import Filler, Row
from proof.database.shape import IDENTITY, Relation, quoted
from proof.database.tenants import Tenant
from proof.database.wire import Outcome, Wire

_ROLES = "select rolname, rolcanlogin from pg_roles where oid >= 16384 and rolname <> all (%s) order by oid"
"""Those that PostgreSQL did not bring along."""
_UPDATABLE = """
    select a.attname::text from pg_attribute a, pg_namespace n, pg_class c
     where a.attrelid = %(oid)s and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
       and c.oid = a.attrelid and n.oid = c.relnamespace and has_schema_privilege(%(role)s, n.oid, 'usage')
       and has_column_privilege(%(role)s, a.attrelid, a.attnum, 'update')
     order by a.attname = any (%(key)s), a.attnum
"""
_READABLE = """
    select c.oid::regclass::text from pg_class c
     where c.oid = any (%(tables)s) and has_schema_privilege(%(role)s, c.relnamespace, 'usage')
       and (select bool_and(has_column_privilege(%(role)s, c.oid, a.attnum, 'select')) from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
     order by 1
"""


@dataclass(slots=True)
class World:
    """One database on a server, and the two tenants who live in it."""

    server: Postgres
    database: str
    tenants: tuple[Tenant, Tenant]
    contexts: tuple[Context, ...]
    relations: tuple[Relation, ...]
    roles: tuple[str, ...]
    logins: tuple[str, ...]
    owner: str
    filler: Filler
    crossings: Crossings
    spares: dict[tuple[int, str], Row] = field(default_factory=dict)
    counts: dict[tuple[int, str], int] = field(default_factory=dict)
    columns: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    readable: dict[str, tuple[str, ...]] = field(default_factory=dict)
    states: dict[tuple[str | None, ...], bytes] = field(default_factory=dict)

    @contextmanager
    def wire(self, role: str = "") -> Iterator[Wire]:
        """A superuser's connection, in a role's name where one is given."""
        with closing(Wire(self._conninfo(SUPERUSER), acting_as=role)) as wire:
            yield wire

    @contextmanager
    def login(self, role: str) -> Iterator[Wire]:
        """A connection on which nothing was ever set: the role's own login, where it may log in."""
        if role in self.server.passwords.read():
            with closing(Wire(self._conninfo(role))) as wire:
                yield wire
        else:
            with self.wire(role) as wire:
                yield wire

    def target(self, relation: Relation, tenant: Tenant) -> Row:
        """The row of a tenant that is attacked: nothing refers to it."""
        return self.filler.rows[relation.oid, tenant.mark][-1]

    def spare(self, relation: Relation, tenant: Tenant) -> Row:
        """A row that this tenant could insert."""
        key = (relation.oid, tenant.mark)
        if key not in self.spares:
            self.spares[key] = self.filler.spare(relation, tenant)
        return self.spares[key]

    def count(self, relation: Relation, own: Tenant | None) -> int:
        """How many rows of a table a tenant has; none are nobody's."""
        if own is None:
            return 0
        key = (relation.oid, own.mark)
        if key not in self.counts:
            mine = " and ".join(f"{name}::text = %s" for name in relation.held_by)
            values = [own.issuer, own.subject] if relation.holder == "identity" else [own.id]
            found = self.filler.connection.execute(
                f"select count(*) from {relation.name} where {mine}".encode(), values
            )
            self.counts[key] = next(iter(found))[0]
        return self.counts[key]

    def member(self, tenant: Tenant) -> Row:
        """The first member."""
        return _member(self.filler, tenant)

    def foreign_marks(self, context: Context) -> tuple[str, ...]:
        """What must not turn up in a context."""
        return tuple(tenant.mark for tenant in self.tenants if tenant is not context.own)

    def updatable(self, role: str, relation: Relation) -> tuple[str, ...]:
        """The columns that the role may update, those of the key last; any one, where it may update none."""
        key = (relation.oid, role)
        if key not in self.columns:
            asked = {"oid": relation.oid, "role": role, "key": list(relation.key)}
            found = self.filler.connection.execute(_UPDATABLE, asked).fetchall()
            self.columns[key] = tuple(name for (name,) in found) or (self.any_column(relation),)
        return self.columns[key]

    def readable_by(self, role: str) -> tuple[str, ...]:
        """The tables that hold somebody's rows and that the role may read, as far as privileges go."""
        if role not in self.readable:
            held = [relation.oid for relation in self.relations if relation.held_by and relation.is_table]
            found = self.filler.connection.execute(_READABLE, {"tables": held, "role": role}).fetchall()
            self.readable[role] = tuple(name for (name,) in found)
        return self.readable[role]

    def seen(self, wire: Wire, role: str) -> str:
        """All that the role can read at this moment, in a transaction that goes on; and the words of each refusal."""
        names = self.readable_by(role)
        everything = " union all ".join(f"select t::text from {name} t" for name in names)
        outcomes = [_look(wire, everything)] if names else []
        if outcomes and not outcomes[0].worked:
            outcomes = [_look(wire, f"select * from {name}") for name in names]
        return " ".join(outcome.said + outcome.data.decode(errors="replace") for outcome in outcomes)

    def any_column(self, relation: Relation) -> str:
        """One that is not part of the key, where there is one."""
        free = [c.name for c in relation.columns if c.name not in relation.key and not c.computed]
        return [*free, relation.key[-1] if relation.key else relation.columns[0].name][0]

    def changed(self, wire: Wire, own: Tenant | None, *, of_anybody: bool = True) -> str:
        """Which tables have rows of others than `own` that are not what they were, as the wire's transaction sees it.

        Of anybody, or only of the tenants of this world: who signs up makes rows of a new one, and may.
        """
        names = ", ".join(self.changes(wire, own, of_anybody=of_anybody))
        return f"{names} is not what it was for somebody else" if names else ""

    def changes(self, wire: Wire, own: Tenant | None, *, of_anybody: bool = True) -> list[str]:
        """The same tables, by name; none where the transaction has written nothing at all."""
        victims = [None if of_anybody else tenant for tenant in self.tenants if tenant is not own]
        before = b"".join(self._state(own, victim) for victim in victims)
        if not wire.has_written():
            return []
        after = b"".join(wire.as_superuser(self._look(), _whose(own, victim)) for victim in victims)
        pairs = zip(before.split(b"\n"), after.split(b"\n"), strict=True)
        return list(dict.fromkeys(new.split(b"|")[0].decode() for old, new in pairs if old != new))

    def taken(self, wire: Wire, own: Tenant | None) -> str:
        """Which tables have rows of `own` that hold somebody else's mark, where the statement itself named none."""
        if own is None:
            return ""
        foreign = [tenant.mark for tenant in self.tenants if tenant is not own]
        tables = [relation for relation in self.relations if relation.kind == "r" and relation.held_by]
        parts = [
            f"select '{_literal(relation.name)}' where exists (select from {relation.name} t where {_of(relation)}"
            f" and strpos(t::text, '{mark}') > 0)"
            for relation in tables
            for mark in foreign
        ]
        found = wire.as_superuser(" union ".join(parts), [own.id, own.issuer, own.subject]).decode()
        return f"{found.replace(chr(10), ', ')} of its own holds something of another tenant" if found else ""

    def _state(self, own: Tenant | None, victim: Tenant | None) -> bytes:
        """What was there before anybody touched it."""
        key = tuple(_whose(own, victim))
        if key not in self.states:
            with self.wire() as exempt:
                exempt.must("begin")
                self.states[key] = exempt.as_superuser(self._look(), list(key))
        return self.states[key]

    def _look(self) -> str:
        """One line for each table: how many rows of others it has, and a sum over them and who wrote them last."""
        tables = [relation for relation in self.relations if relation.kind == "r"]
        parts = [
            f"select {number} as place, concat_ws('|', '{_literal(relation.name)}', count(*),"
            f" sum(hashtextextended(t.xmin::text || t::text, 0)), chr(10)) as line"
            f" from {relation.name} t {self._of_others(relation)}"
            for number, relation in enumerate(tables)
        ]
        return f"select string_agg(line, '' order by place) from ({' union all '.join(parts)}) s"

    def _of_others(self, relation: Relation) -> str:
        """Rows that are not the own tenant's ($1, its identity $2 and $3); only one other's where $4 to $6 say whose.

        Of what is nobody's, all rows count, but for those that go with their tenant.
        """
        match relation.holder:
            case "tenant":
                key = f"t.{relation.held_by[0]}::text"
                return f"where {key} is distinct from $1::text and ($4::text is null or {key} = $4::text)"
            case "identity":
                who, theirs = "(t.issuer, t.subject)", "($5::text, $6::text)"
                others = f"{who} is distinct from ($2::text, $3::text) and ($4::text is null or {who} = {theirs})"
                return f"where {others} {_and_no_claim(relation)}"
            case _:
                gone = [
                    f"t.{quoted(name)}::text is distinct from $1::text" for name in self._goes_with_a_tenant(relation)
                ]
                return " and ".join(["where $4::text is null", *gone])

    def _goes_with_a_tenant(self, relation: Relation) -> list[str]:
        tenants = {other.oid for other in self.relations if other.is_tenant}
        return [key.columns[0] for key in relation.foreign_keys if key.target in tenants and len(key.columns) == 1]

    def _conninfo(self, role: str) -> str:
        return self.server.conninfo(user=role, database=self.database)


def _and_no_claim(relation: Relation) -> str:
    """An issuer by itself, and what the DNS vouches for, are no person's but the tenant's that has claimed them."""
    if all(column.name != "tenant_id" for column in relation.columns):
        return ""
    return "and (t.tenant_id::text is distinct from $1::text or (t.subject <> '' and t.issuer <> 'dns'))"


@contextmanager
def world(server: Postgres, database: str = DATABASE, tenants: tuple[Tenant, Tenant] | None = None) -> Iterator[World]:
    """Give each tenant rows in every table; the same tenants again where they are given. Raises NoRow."""
    two = tenants or (Tenant("A"), Tenant("B"))
    with psycopg.connect(server.conninfo(user=SUPERUSER, database=database), autocommit=True) as connection:
        relations = shape.read(connection)
        filler = Filler(connection, relations)
        filler.fill(two)
        connection.execute("analyze")
        found = connection.execute(_ROLES, [[ADMIN, MIGRATOR]]).fetchall()
        logins = tuple(name for name, may_log_in in found if may_log_in)
        roles = (*logins, *(name for name, may_log_in in found if not may_log_in))
        [[owner]] = connection.execute(
            "select datdba::regrole::text from pg_database where datname = current_database()"
        ).fetchall()
        yield World(
            server,
            database,
            two,
            contexts({tenant: str(_member(filler, tenant)["id"]) for tenant in two}),
            relations,
            roles,
            logins,
            owner,
            filler,
            Crossings(connection, relations),
        )


def _look(wire: Wire, sql: str) -> Outcome:
    wire.must("savepoint look")
    outcome = wire.run(sql)
    wire.must("rollback to look")
    return outcome


def _member(filler: Filler, tenant: Tenant) -> Row:
    """From the table that names people by issuer and subject."""
    people = next(r for r in filler.relations if r.holder == "tenant" and set(IDENTITY) <= set(r.column_names))
    return filler.rows[people.oid, tenant.mark][0]


def _literal(name: str) -> str:
    return name.replace("'", "''")


def _of(relation: Relation) -> str:
    """Rows of the tenant of $1, or of the identity of $2 and $3."""
    if relation.holder == "identity":
        return "t.issuer = $2::text and t.subject = $3::text"
    return f"t.{relation.held_by[0]}::text = $1::text"


def _whose(own: Tenant | None, victim: Tenant | None) -> list[str | None]:
    return [
        *([own.id, own.issuer, own.subject] if own else [None, None, None]),
        *([victim.id, victim.issuer, victim.subject] if victim else [None, None, None]),
    ]
