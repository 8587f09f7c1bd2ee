"""Parts of partitioned tables are there before their time, as closed as their table, and go when it is over."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Self
from uuid import UUID, uuid4

import psycopg
import pytest

from freehold.database.migrations import patience
from freehold.database.migrations.bootstrap import DATABASE
from freehold.database.partitions import AHEAD, PartitionsNotKept, keep_up
from freehold.ids import first_id, moment_of
from freehold.settings import settings
from functions.partitions.handler import handler
from local.audit_chain import Chain, Finding, Outside
from local.audit_reading import trail
from local.database import prepared
from local.postgres import Postgres
from tests.database.laboratory import ENTERED, Laboratory
from tests.database.test_migrations_readers import PROMISE, Readers

NOW = datetime.now(UTC)
OUTBOX = "insert into app.outbox (tenant_id, id, type, subject_id, published_at) values (%s, %s, 'x', uuidv7(), now())"
WAITING = "insert into app.outbox (tenant_id, id, type, subject_id) values (%s, %s, 'x', uuidv7())"
INBOX = "insert into app.inbox (tenant_id, consumer, event_id) values (%s, 'x', %s)"
ENTRY = """
    with entry as (insert into app.audit (tenant_id, id, action, row_id, change)
                   values (%s, %s, 'things.update', uuidv7(), '{}') returning id, tableoid)
    insert into app.audit_unsealed (audit_id) select id from entry
"""
TABLES = ("app.audit", "app.inbox", "app.outbox")
PARTS = """
    select c.relname from pg_inherits join pg_class c on c.oid = inhrelid
     where inhparent = %s::regclass and c.relname !~ '_default$' order by 1
"""
TEMPLATE = """
    select exists (select from aclexplode(c.relacl) where grantee <> c.relowner),
           exists (select from pg_policy where polrelid = c.oid and polpermissive),
           c.relrowsecurity, c.relforcerowsecurity, c.relowner::regrole::text,
           (select json_agg(row(polname, polpermissive, polcmd, polroles, pg_get_expr(polqual, polrelid),
                                pg_get_expr(polwithcheck, polrelid)) order by polname)::text
              from pg_policy where polrelid = c.oid and not polpermissive),
           (select json_agg(row(conname, contype, pg_get_constraintdef(oid)) order by conname)::text
              from pg_constraint where conrelid = c.oid and contype = 'n'),
           (select count(*) from pg_constraint where conrelid = c.oid and contype <> 'n'),
           (select json_agg(row(attname, atttypid, attnotnull, pg_get_expr(adbin, adrelid)) order by attnum)::text
              from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
             where attrelid = c.oid and attnum > 0),
           (select count(*) from pg_index where indrelid = c.oid and indisvalid),
           (select json_agg(tgname order by tgname)::text from pg_trigger where tgrelid = c.oid and not tgisinternal)
      from pg_class c where c.oid = %s::regclass
"""
THINGS = """
    create table app.things (
        tenant_id uuid not null default current_setting('app.tenant_id')::uuid references app.tenants on delete cascade,
        id uuid not null default uuidv7(),
        name text not null check (length(name) < 9),
        size integer not null generated always as (length(name)) stored,
        primary key (tenant_id, id)
    ) partition by range (id);
    create table app.things_default partition of app.things default;
    create index things_name on app.things (tenant_id, name);
    call app.tenant_table('app.things');
    call app.allow('app.things', 'freehold_api', 'select', 'insert');
"""
KILLER = """
    create schema killer;
    create sequence killer.calls;
    create table killer.plan (at bigint);
    create function killer.strike() returns event_trigger language plpgsql security definer as $$
    begin
        if session_user = 'freehold_migrator' and nextval('killer.calls') = (select at from killer.plan) then
            perform pg_terminate_backend(pg_backend_pid());
        end if;
    end $$;
    create event trigger killer on ddl_command_end execute function killer.strike();
    create event trigger dropped on sql_drop execute function killer.strike();
"""
DISARM = """
    set client_min_messages = error;
    drop event trigger killer; drop event trigger dropped; drop schema killer cascade
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with prepared() as server:
        yield server


@pytest.fixture(scope="module")
def laboratory(server: Postgres) -> Laboratory:
    return Laboratory(server)


@pytest.fixture
def name(laboratory: Laboratory) -> Iterator[str]:
    with laboratory.copied(DATABASE) as name:
        yield name


def keep(laboratory: Laboratory, name: str, now: datetime = NOW) -> list[str]:
    return keep_up(laboratory.migrator(name), now=now, tell=lambda _line: None)


def parts(laboratory: Laboratory, name: str, table: str) -> list[str]:
    with laboratory.connect(name) as connection:
        return [part for (part,) in connection.execute(PARTS, [table]).fetchall()]


def tenant(laboratory: Laboratory, name: str) -> str:
    """A new one, which leaves a row in the audit trail."""
    tenant = str(uuid4())
    with laboratory.connect(name) as connection, connection.transaction():
        connection.execute(ENTERED, [tenant])
        connection.execute("insert into app.tenants (id, name) values (%s, 'Some')", [tenant])
    return tenant


def insert(laboratory: Laboratory, name: str, statement: str, tenant: str, uuid: UUID) -> str:
    """The part that it lands in."""
    with laboratory.connect(name) as connection, connection.transaction():
        connection.execute(ENTERED, [tenant])
        row = connection.execute(f"{statement} returning tableoid::regclass::text", [tenant, uuid]).fetchone()
    return row[0].removeprefix("app.")


def count(laboratory: Laboratory, name: str, table: str) -> int:
    with laboratory.connect(name) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def options(laboratory: Laboratory, name: str, table: str) -> list[str]:
    with laboratory.connect(name) as connection:
        [(found,)] = connection.execute("select coalesce(reloptions, '{}') from pg_class where relname = %s", [table])
    return found


def end_of(part: str) -> datetime:
    return datetime.strptime(part[-8:], "%Y%m%d").replace(tzinfo=UTC)


class TestIds:
    def test_begin_with_their_time(self, laboratory: Laboratory):
        with laboratory.connect(DATABASE) as connection:
            made, moment = connection.execute("select uuidv7(), clock_timestamp()").fetchone()
        assert abs(moment_of(made) - moment) < timedelta(seconds=5)
        assert first_id(moment_of(made)) <= made < first_id(moment_of(made) + timedelta(milliseconds=1))


class TestAhead:
    def test_every_table_has_its_parts(self, laboratory: Laboratory, name: str):
        made = keep(laboratory, name)
        with laboratory.connect(name) as connection:
            tables = connection.execute("select partrelid::regclass::text from pg_partitioned_table").fetchall()
        assert {table for (table,) in tables} >= set(TABLES)
        for (table,) in tables:
            assert parts(laboratory, name, table)
        assert len(made) == len(set(made))

    def test_a_second_run_does_nothing(self, laboratory: Laboratory, name: str):
        keep(laboratory, name)
        before = laboratory.state(name)
        assert keep(laboratory, name) == []
        assert laboratory.state(name) == before

    def test_what_is_kept_for_good_is_divided_by_months(self, laboratory: Laboratory, name: str):
        for days in (0, 30, 60, 90):
            keep(laboratory, name, NOW + timedelta(days=days))
        ends = [end_of(part) for part in parts(laboratory, name, "app.audit")]
        assert {end.day for end in ends} == {1}
        assert {(later - earlier).days for earlier, later in pairwise(ends)} <= {28, 29, 30, 31}

    def test_what_goes_again_is_divided_by_weeks(self, laboratory: Laboratory, name: str):
        for days in (0, 30, 60):
            keep(laboratory, name, NOW + timedelta(days=days))
        ends = [end_of(part) for part in parts(laboratory, name, "app.outbox")]
        assert {end.weekday() for end in ends} == {0}
        assert ends[-1] >= NOW + timedelta(days=60) + AHEAD
        assert {later - earlier for earlier, later in pairwise(ends)} == {timedelta(days=7)}

    @pytest.mark.parametrize("days", [30, 45, 60, 65])
    def test_a_row_of_a_coming_time_lands_in_the_part_of_it(self, laboratory: Laboratory, name: str, days: int):
        for today in (0, 30):
            keep(laboratory, name, NOW + timedelta(days=today))
        company, moment = tenant(laboratory, name), NOW + timedelta(days=days)
        for statement in (OUTBOX, INBOX):
            end = end_of(insert(laboratory, name, statement, company, first_id(moment)))
            assert moment < end <= moment + timedelta(days=7 if days > 42 else 42)

    def test_the_control_without_a_run_it_lands_in_the_default(self, laboratory: Laboratory, name: str):
        assert insert(laboratory, name, OUTBOX, tenant(laboratory, name), first_id(NOW)) == "outbox_default"

    def test_a_year_of_days_leaves_nothing_in_a_default(self, laboratory: Laboratory, name: str):
        company = tenant(laboratory, name)
        for days in range(0, 365, 9):
            now = NOW + timedelta(days=days)
            keep(laboratory, name, now)
            assert insert(laboratory, name, OUTBOX, company, first_id(now)) != "outbox_default"
        assert count(laboratory, name, "app.outbox_default") == 0
        assert laboratory.faults(name) == []


class TestTemplate:
    @pytest.fixture
    def things(self, laboratory: Laboratory, name: str) -> str:
        """With a table that has all that a partitioned table can have."""
        with psycopg.connect(laboratory.migrator(name)) as connection:
            connection.execute("set local role freehold_owner; set local search_path = pg_catalog")
            connection.execute(THINGS)
        return name

    @pytest.mark.parametrize("table", ["app.things", "app.outbox", "app.inbox", "app.audit"])
    def test_a_part_is_as_closed_as_its_table(self, laboratory: Laboratory, things: str, table: str):
        keep(laboratory, things)
        with laboratory.connect(things) as connection:
            expected = connection.execute(TEMPLATE, [table]).fetchone()
            assert expected[:2] == (True, True)  # the table was given to somebody, who sees rows; its parts to nobody
            for part in parts(laboratory, things, table):
                assert connection.execute(TEMPLATE, [f"app.{part}"]).fetchone() == (False, False, *expected[2:])

    def test_the_gate_accepts_it(self, laboratory: Laboratory, things: str):
        keep(laboratory, things)
        assert laboratory.faults(things) == []

    def test_the_control_the_gate_refuses_a_part_made_by_hand(self, laboratory: Laboratory, things: str):
        with laboratory.connect(things) as connection:
            bounds = f"for values from (minvalue) to ('{first_id(NOW)}')"
            connection.execute(f"create table app.by_hand partition of app.things {bounds}")
        assert any("app.by_hand" in fault for fault in laboratory.faults(things))

    def test_a_row_in_a_part_is_audited(self, laboratory: Laboratory, things: str):
        keep(laboratory, things)
        company = tenant(laboratory, things)
        before = count(laboratory, things, "app.audit")
        statement = "insert into app.things (tenant_id, id, name) values (%s, %s, 'n')"
        assert insert(laboratory, things, statement, company, first_id(NOW)) != "things_default"
        assert count(laboratory, things, "app.audit") == before + 1

    def test_a_tenant_that_goes_takes_its_rows_along(self, laboratory: Laboratory, things: str):
        keep(laboratory, things)
        company = tenant(laboratory, things)
        insert(laboratory, things, OUTBOX, company, first_id(NOW))
        with laboratory.connect(things) as connection, connection.transaction():
            connection.execute(ENTERED, [company])
            connection.execute("delete from app.tenants where id = %s", [company])
        assert count(laboratory, things, "app.outbox") == 0


class TestVacuum:
    def test_comes_early_to_a_part_whose_rows_go_again_as_to_jobs(self, laboratory: Laboratory, name: str):
        for days in (0, 20):  # the first part is what was there before
            keep(laboratory, name, NOW + timedelta(days=days))
        made = ("outbox_default", parts(laboratory, name, "app.outbox")[-1])
        kept = ("audit_default", parts(laboratory, name, "app.audit")[-1])
        early = "autovacuum_vacuum_scale_factor=0.02"
        assert early in options(laboratory, name, "jobs")
        assert [options(laboratory, name, part) for part in made] == [[early]] * 2
        assert [options(laboratory, name, part) for part in kept] == [[]] * 2


class TestDefault:
    def test_what_lay_there_at_first_becomes_the_first_part(self, laboratory: Laboratory, name: str):
        company = tenant(laboratory, name)
        old, new = first_id(NOW - timedelta(days=90)), first_id(NOW)
        for uuid in (old, new):
            assert insert(laboratory, name, OUTBOX, company, uuid) == "outbox_default"
        audited = count(laboratory, name, "app.audit")
        keep(laboratory, name)
        assert count(laboratory, name, "app.outbox") == 2
        assert count(laboratory, name, "app.outbox_default") == 0
        assert count(laboratory, name, "app.audit") == audited
        assert count(laboratory, name, "app.audit_default") == 0
        assert laboratory.faults(name) == []
        assert keep(laboratory, name) == []

    def test_what_came_while_nobody_made_parts_becomes_a_part(self, laboratory: Laboratory, name: str):
        keep(laboratory, name)
        company, later = tenant(laboratory, name), NOW + timedelta(days=60)
        assert insert(laboratory, name, INBOX, company, first_id(later)) == "inbox_default"
        keep(laboratory, name, later)
        assert count(laboratory, name, "app.inbox_default") == 0
        assert count(laboratory, name, "app.inbox") == 1
        assert insert(laboratory, name, INBOX, company, first_id(later + timedelta(hours=1))) != "inbox_default"
        assert laboratory.faults(name) == []

    @pytest.mark.parametrize("days", [0, 10])
    def test_an_id_that_lies_about_its_time_is_told(self, laboratory: Laboratory, name: str, days: int):
        keep(laboratory, name)
        company = tenant(laboratory, name)
        insert(laboratory, name, OUTBOX, company, first_id(NOW + timedelta(days=400)))
        with pytest.raises(PartitionsNotKept, match=r"app\.outbox_default may hold rows"):
            keep(laboratory, name, NOW + timedelta(days=days))
        assert count(laboratory, name, "app.outbox_default") == 1
        assert insert(laboratory, name, OUTBOX, company, first_id(NOW)) != "outbox_default"
        assert laboratory.faults(name) == []

    def test_the_others_are_kept_up_all_the_same(self, laboratory: Laboratory, name: str):
        insert(laboratory, name, OUTBOX, tenant(laboratory, name), first_id(NOW + timedelta(days=400)))
        with pytest.raises(PartitionsNotKept):
            keep(laboratory, name)
        assert parts(laboratory, name, "app.inbox")
        assert parts(laboratory, name, "app.outbox")


class TestRetention:
    def test_rows_go_when_their_time_is_over(self, laboratory: Laboratory, name: str):
        company = tenant(laboratory, name)
        keep(laboratory, name)
        part = insert(laboratory, name, OUTBOX, company, first_id(NOW))
        end = end_of(part)
        keep(laboratory, name, end + timedelta(days=29, hours=23))
        assert count(laboratory, name, "app.outbox") == 1
        dropped = keep(laboratory, name, end + timedelta(days=30))
        assert f"app.{part}" in dropped
        assert count(laboratory, name, "app.outbox") == 0
        assert laboratory.faults(name) == []

    def test_events_that_nobody_published_stay_and_are_told(self, laboratory: Laboratory, name: str):
        company = tenant(laboratory, name)
        keep(laboratory, name)
        part = insert(laboratory, name, WAITING, company, first_id(NOW))
        neighbor = insert(laboratory, name, INBOX, company, first_id(NOW))
        over = end_of(part) + timedelta(days=30)
        with pytest.raises(PartitionsNotKept, match=rf"^app\.{part} stays beyond its time"):
            keep(laboratory, name, over)
        assert count(laboratory, name, "app.outbox") == 1
        assert neighbor not in parts(laboratory, name, "app.inbox"), "everything else is done"
        with laboratory.connect(name) as connection:
            connection.execute("update app.outbox set published_at = now()")
        assert f"app.{part}" in keep(laboratory, name, over)
        assert count(laboratory, name, "app.outbox") == 0

    def test_the_audit_trail_stays(self, laboratory: Laboratory, name: str):
        tenant(laboratory, name)
        audited = count(laboratory, name, "app.audit")
        assert audited
        for year in range(1, 4):
            keep(laboratory, name, NOW + timedelta(days=365 * year))
        assert count(laboratory, name, "app.audit") == audited

    def test_what_is_not_declared_is_kept_for_good(self, laboratory: Laboratory, name: str):
        with laboratory.connect(name) as connection:
            undeclared = connection.execute(
                "select partrelid::regclass::text from pg_partitioned_table"
                " where partrelid::regclass::text not in (select table_name from app.retention)"
            ).fetchall()
        assert undeclared == [("app.audit",)], "add to a migration: call app.retain('app.…', '30 days')"

    def test_every_declaration_is_of_a_table_that_is_divided(self, laboratory: Laboratory, name: str):
        with laboratory.connect(name) as connection:
            declared = connection.execute("select table_name, to_regclass(table_name) from app.retention").fetchall()
            assert declared
            assert all(table for _, table in declared)
            with pytest.raises(psycopg.errors.RaiseException, match="is not partitioned"):
                connection.execute("call app.retain('app.tenants', '1 day')")


class TestAuditTrail:
    """Where a migration declares that its entries go again, each chain goes on behind a checkpoint."""

    @pytest.fixture
    def kept_a_month(self, laboratory: Laboratory, name: str) -> str:
        with psycopg.connect(laboratory.migrator(name)) as connection:
            connection.execute("set local role freehold_owner; set local search_path = pg_catalog")
            connection.execute("call app.retain('app.audit', '30 days')")
        return name

    def seal(self, laboratory: Laboratory, name: str, tenant: str) -> None:
        with laboratory.connect(name) as connection, connection.transaction():
            connection.execute(ENTERED, [tenant])
            connection.execute("select app.seal_audit(1000)")

    def chain(self, laboratory: Laboratory, name: str, tenant: str, now: datetime) -> tuple[Chain, Finding | None]:
        with trail(laboratory.migrator(name)) as found:
            whose = UUID(tenant)
            found.enter(whose)
            outside = Outside(now=now, head=found.head(whose), checkpoint=found.checkpoint(whose), keep=found.keep())
            chain = Chain(whose, outside)
            return chain, chain.first_wrong(found.lines(whose))

    def test_a_part_that_is_over_leaves_a_checkpoint_from_which_the_chain_is_whole(
        self, laboratory: Laboratory, kept_a_month: str
    ):
        company = tenant(laboratory, kept_a_month)
        keep(laboratory, kept_a_month)
        later = NOW + timedelta(days=90)
        keep(laboratory, kept_a_month, NOW + timedelta(days=30))
        insert(laboratory, kept_a_month, ENTRY, company, first_id(later))
        self.seal(laboratory, kept_a_month, company)
        assert [name for name in keep(laboratory, kept_a_month, later) if name.startswith("app.audit")]
        assert count(laboratory, kept_a_month, "app.audit") == count(laboratory, kept_a_month, "app.audit_seals") == 1
        chain, finding = self.chain(laboratory, kept_a_month, company, later)
        assert (chain.sealed, finding) == (1, None)

    def test_one_with_an_entry_that_is_not_sealed_stays_and_is_told(self, laboratory: Laboratory, kept_a_month: str):
        company = tenant(laboratory, kept_a_month)
        keep(laboratory, kept_a_month)
        with pytest.raises(PartitionsNotKept, match="nobody has published or sealed"):
            keep(laboratory, kept_a_month, NOW + timedelta(days=90))
        assert count(laboratory, kept_a_month, "app.audit") == 1
        self.seal(laboratory, kept_a_month, company)
        keep(laboratory, kept_a_month, NOW + timedelta(days=90))
        assert count(laboratory, kept_a_month, "app.audit") == 0, "the control: nothing else kept it"


class TestFunction:
    def test_does_it_and_says_what(self, server: Postgres, laboratory: Laboratory, name: str, monkeypatch):
        monkeypatch.setenv("FREEHOLD_DATABASE", server.conninfo_without_user(database=name))
        settings.cache_clear()
        try:
            first, second = (handler({"scheduled_at": "2026-01-15T00:00:00Z"}, None) for _ in range(2))
        finally:
            settings.cache_clear()
        assert set(first["done"]) >= {part for table in TABLES for part in parts(laboratory, name, table)}
        assert second == {"done": []}


class TestKilled:
    LATER = NOW + timedelta(days=70)

    def test_the_next_run_goes_on_wherever_it_was(self, laboratory: Laboratory, name: str):
        """The first run, and one that finds a default in use and old parts."""
        company = tenant(laboratory, name)
        insert(laboratory, name, OUTBOX, company, first_id(NOW))
        with laboratory.copied(name) as undisturbed:
            for now in (NOW, self.LATER):
                keep(laboratory, undisturbed, now)
            expected = laboratory.state(undisturbed)
        kills = 0
        for at in range(2, 400, 17):  # a part of them, for the time that it takes
            with laboratory.copied(name) as killed:
                kills += self._kill(laboratory, killed, at)
                assert laboratory.state(killed) == expected
                assert count(laboratory, killed, "app.audit") == count(laboratory, name, "app.audit")
            if kills < at // 17 + 1:
                break
        assert kills > 4

    def _kill(self, laboratory: Laboratory, name: str, at: int) -> bool:
        with laboratory.connect(name) as connection:
            connection.execute(KILLER)
            connection.execute("insert into killer.plan values (%s)", [at])
        killed = False
        for now in (NOW, self.LATER):
            try:
                keep(laboratory, name, now)
            except psycopg.OperationalError:
                killed = True
                keep(laboratory, name, now)
        with laboratory.connect(name) as connection:
            connection.execute(DISARM)
        return killed


class Others:
    """Read and write as requests do, again and again; `longest` is the longest that one of them waited, in seconds."""

    def __init__(self, laboratory: Laboratory, name: str, company: str) -> None:
        self.longest, self.reads, self.writes = 0.0, 0, 0
        self._laboratory, self._name, self._company = laboratory, name, company
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=[work]) for work in (self._read, self._write)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _work(self, work: Callable[[psycopg.Connection], None]) -> None:
        with self._laboratory.connect(self._name) as connection:
            while not self._ended.wait(0.005):
                begin = time.monotonic()
                with connection.transaction():
                    connection.execute(ENTERED, [self._company])
                    work(connection)
                self.longest = max(self.longest, time.monotonic() - begin)

    def _read(self, connection: psycopg.Connection) -> None:
        for table in ("app.tenants", "app.audit", "app.outbox", "app.inbox"):
            connection.execute(f"select from {table} limit 1")
        self.reads += 1

    def _write(self, connection: psycopg.Connection) -> None:
        connection.execute("update app.tenants set version = version + 1 where id = %s", [self._company])
        connection.execute(OUTBOX, [self._company, uuid7()])
        connection.execute(INBOX, [self._company, uuid7()])
        self.writes += 1


def uuid7() -> UUID:
    return UUID(int=first_id(datetime.now(UTC)).int | uuid4().int & (1 << 74) - 1)


class TestWhileOthersWork:
    def test_nobody_waits_for_long(self, laboratory: Laboratory, name: str):
        """While parts are made of a default in use, made ahead, and dropped."""
        company = tenant(laboratory, name)
        for days in (80, 60):
            with contextlib.suppress(PartitionsNotKept):  # the tenant's own row is of today
                keep(laboratory, name, NOW - timedelta(days=days))
        done = []
        with Others(laboratory, name, company) as others:
            for days in (0, 20):
                time.sleep(0.3)
                done += keep(laboratory, name, NOW + timedelta(days=days))
        assert {part.startswith("app.") for part in done} == {True, False}  # dropped, and made
        assert others.reads > 20
        assert others.writes > 20
        assert others.longest < PROMISE
        for table, rows in (("audit", 1), ("outbox", 0), ("inbox", 0)):
            assert count(laboratory, name, f"app.{table}") == others.writes + rows
            assert count(laboratory, name, f"app.{table}_default") == 0
        assert laboratory.faults(name) == []

    def test_it_gives_up_while_somebody_holds_a_table_and_names_them(
        self, laboratory: Laboratory, name: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(patience, "LONGEST", 1)
        with laboratory.connect(name, application_name="month end") as holder:
            holder.execute("begin; lock table app.outbox_default in access share mode")
            with (
                Readers(laboratory, name, held=False) as readers,
                pytest.raises(PartitionsNotKept, match=r"month end\) holds app\.outbox_default"),
            ):
                keep(laboratory, name)
            holder.rollback()
        assert readers.longest < PROMISE
        assert keep(laboratory, name)

    def test_two_runs_at_once_are_as_one(self, laboratory: Laboratory, name: str):
        made: list[list[str]] = []
        threads = [threading.Thread(target=lambda: made.append(keep(laboratory, name))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        least, most = sorted(map(len, made))
        assert least == 0
        assert most > 2
