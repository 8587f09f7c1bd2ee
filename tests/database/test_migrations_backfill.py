"""Changing rows of every tenant under forced row-level security: all of them, and what it misses is noticed."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from freehold.database.migrations.bootstrap import DATABASE
from freehold.database.migrations.files import Migration, migrations
from freehold.database.migrations.runner import MigrationFailed, migrate
from local.database import prepared
from local.postgres import Postgres
from tests.database.laboratory import ENTERED, EXAMPLES, Laboratory

ABSENT = "01a1fac8-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with prepared() as server:
        yield server


@pytest.fixture(scope="module")
def laboratory(server: Postgres) -> Laboratory:
    return Laboratory(server)


@pytest.fixture(scope="module")
def template(laboratory: Laboratory) -> str:
    name = laboratory.copy(DATABASE)
    migrate(laboratory.migrator(name), among=[*migrations(), EXAMPLES[0]])
    laboratory.fill(name, tenants=4, notes=25)
    return name


@pytest.fixture
def filled(laboratory: Laboratory, template: str) -> Iterator[str]:
    """Four tenants with 25 notes each."""
    with laboratory.copied(template) as name:
        yield name


def backfill(laboratory: Laboratory, name: str, what: str, tell=print) -> None:
    step = Migration("test/0300_backfill.pre", f"-- step: fill\ncall app.backfill({what});")
    migrate(laboratory.migrator(name), among=[step], tell=tell)


def counted(laboratory: Laboratory, name: str, sql: str) -> int:
    with laboratory.connect(name) as connection:
        return connection.execute(f"select count(*) from {sql}").fetchone()[0]


OLD = "'app.notes', 'old = upper(body)', 'old is null'"


class TestBackfill:
    def test_changes_the_rows_of_every_tenant_and_says_so(self, laboratory, filled):
        lines = []
        backfill(laboratory, filled, f"{OLD}, 7", tell=lines.append)
        assert counted(laboratory, filled, "app.notes where old = 'B'") == 100
        assert lines[-1] == "app.notes: all 4 tenants, 100 rows changed, none left"

    def test_the_control_a_plain_update_is_loud(self, laboratory, filled):
        plain = Migration("test/0301_plain.pre", "update app.notes set old = body")
        with pytest.raises(MigrationFailed, match=r"app\.tenant_id"):
            migrate(laboratory.migrator(filled), among=[plain])

    def test_commits_each_batch(self, laboratory, filled):
        """One tenant's rows come to three batches of at most ten: three transactions wrote them."""
        backfill(laboratory, filled, f"{OLD}, 10")
        assert counted(laboratory, filled, "(select distinct xmin::text from app.notes)") == 4 * 3

    def test_is_audited_as_the_migration(self, laboratory, filled):
        backfill(laboratory, filled, OLD)
        by = "where principal = 'migration:test/0300_backfill.pre' and action = 'notes.update'"
        assert counted(laboratory, filled, f"app.audit {by}") == 100

    def test_changes_nothing_when_it_is_repeated(self, laboratory, filled):
        backfill(laboratory, filled, OLD)
        lines = []
        with psycopg.connect(laboratory.migrator(filled), autocommit=True) as connection:
            connection.add_notice_handler(lambda notice: lines.append(notice.message_primary))
            connection.execute("set role freehold_owner")
            connection.execute(f"call app.backfill({OLD})")
        assert lines == ["app.notes: all 4 tenants, 0 rows changed, none left"]

    def test_leaves_no_constraint_behind(self, laboratory, filled):
        before = counted(laboratory, filled, "pg_constraint")
        backfill(laboratory, filled, OLD)
        assert counted(laboratory, filled, "pg_constraint") == before

    def test_leaves_no_tenant_entered(self, laboratory, filled):
        backfill(laboratory, filled, OLD)
        again = Migration("test/0302_again.pre", "select count(*) from app.notes")
        with pytest.raises(MigrationFailed, match=r"app\.tenant_id|type uuid"):
            migrate(laboratory.migrator(filled), among=[again])

    def test_reaches_the_tenants_themselves(self, laboratory, filled):
        backfill(laboratory, filled, "'app.tenants', 'name = ''Every''', 'name <> ''Every'''")
        assert counted(laboratory, filled, "app.tenants where name = 'Every'") == 4


class TestRefusal:
    @pytest.mark.parametrize(
        ("what", "says"),
        [
            ("'app.notes', 'body = body', 'old is null'", "would never end.*still holds for 25 rows"),
            ("'app.permissions', 'description = name', 'true'", "app.permissions is no tenant table"),
            ("'directory.memberships', 'issuer = issuer', 'true'", "directory.memberships is no tenant table"),
            (f"{OLD}, 0", "at least one row"),
            (
                "'app.notes', 'old = body', 'exists (select from app.tenants where false)'",
                "subquery in check constraint",
            ),
        ],
    )
    def test_is_a_sentence(self, laboratory, filled, what, says):
        with pytest.raises(MigrationFailed, match=says):
            backfill(laboratory, filled, what)

    def test_of_a_table_whose_rows_its_owner_does_not_see(self, laboratory, filled):
        with laboratory.connect(filled) as connection:
            connection.execute("drop policy freehold_owner on app.notes")
        with pytest.raises(MigrationFailed, match=r"app\.notes shows its owner no row: create policy"):
            backfill(laboratory, filled, OLD)

    def test_of_rows_that_row_level_security_hides_from_it(self, laboratory, filled):
        """A tenant that is not on the list is not entered; the proof sees its rows all the same."""
        with laboratory.connect(filled) as connection:
            connection.execute("delete from app.residents where id = (select min(id::text)::uuid from app.residents)")
        with pytest.raises(MigrationFailed, match=r"app\.notes has rows of tenants that are not in app\.residents"):
            backfill(laboratory, filled, OLD)
        assert counted(laboratory, filled, "app.notes where old is null") == 25
        assert counted(laboratory, filled, "pg_constraint where conname = 'backfill_proof'") == 0

    def test_of_what_cannot_be_proved_comes_before_any_change(self, laboratory, filled):
        with pytest.raises(MigrationFailed, match="subquery in check constraint"):
            backfill(laboratory, filled, "'app.notes', 'old = body', 'old is null and not exists (select where false)'")
        assert counted(laboratory, filled, "app.notes where old is null") == 100

    def test_of_rows_that_a_trigger_keeps_as_they_are(self, laboratory, filled):
        with laboratory.connect(filled) as connection:
            connection.execute(
                "create function app.keep() returns trigger language plpgsql as 'begin return null; end'"
            )
            connection.execute("revoke all on function app.keep from public")
            connection.execute(
                "create trigger keep before update on app.notes for each row execute function app.keep()"
            )
        with pytest.raises(MigrationFailed, match=r"25 rows of tenant .* stay as they are: does a trigger keep them"):
            backfill(laboratory, filled, OLD)

    def test_of_rows_that_somebody_holds(self, laboratory, filled, monkeypatch):
        monkeypatch.setattr("freehold.database.migrations.patience.LONGEST", 1)
        with laboratory.connect(filled, application_name="holds") as holder:
            holder.execute("begin; select id from app.notes for update")
            with pytest.raises(MigrationFailed, match=r"pid \d+ \(postgres, holds\) holds"):
                backfill(laboratory, filled, OLD)
            holder.rollback()


class TestNewRows:
    def test_may_be_wrong_while_the_proof_is_made(self, laboratory, filled):
        """What old code inserts meanwhile is not refused: the constraint of the proof binds nobody but the proof."""
        with laboratory.connect(filled) as connection:
            connection.execute(
                "alter table app.notes add constraint backfill_proof"
                " check (current_setting('app.proof', true) is distinct from 'on' or (old is null) is not true)"
                " not valid"
            )
            with connection.transaction():
                tenant = connection.execute("select id from app.residents limit 1").fetchone()[0]
                connection.execute(ENTERED, [str(tenant)])
                connection.execute("insert into app.notes (body) values ('new')")
        backfill(laboratory, filled, OLD)
        assert counted(laboratory, filled, "app.notes where old is null") == 0

    def test_that_come_in_meanwhile_are_changed_too(self, laboratory, filled):
        ended = threading.Event()

        def insert() -> None:
            with laboratory.connect(filled) as connection:
                tenant = connection.execute("select id from app.residents limit 1").fetchone()[0]
                for _ in range(20):
                    with connection.transaction():
                        connection.execute(ENTERED, [str(tenant)])
                        connection.execute("insert into app.notes (body) values ('new')")
            ended.set()

        threading.Thread(target=insert).start()
        deadline = time.monotonic() + 30
        while not ended.is_set() and time.monotonic() < deadline:
            with psycopg.connect(laboratory.migrator(filled), autocommit=True) as connection:
                connection.execute("set role freehold_owner")
                connection.execute("set search_path = pg_catalog")
                connection.execute("call app.backfill('app.notes', 'old = body', 'old is null', 3)")
        backfill(laboratory, filled, OLD)
        assert counted(laboratory, filled, "app.notes where old is null") == 0


class TestReference:
    INDEX = "create index notes_project on app.notes (tenant_id, project_id)"
    ADD = (
        "alter table app.notes add constraint project foreign key (tenant_id, project_id)"
        " references app.projects not valid"
    )
    VALIDATE = "call app.validate_reference('app.notes', 'project')"
    ALL = Migration("test/0310_a.pre", f"-- step: a\n{INDEX};\n-- step: b\n{ADD};\n-- step: c\n{VALIDATE};")
    VALID = "pg_constraint where conname = 'project' and convalidated"

    def test_that_is_right_is_validated(self, laboratory, filled):
        migrate(laboratory.migrator(filled), among=[self.ALL])
        assert counted(laboratory, filled, self.VALID) == 1
        assert counted(laboratory, filled, "pg_constraint where conname = 'backfill_proof'") == 0

    def test_that_dangles_in_one_tenant_is_refused(self, laboratory, filled):
        with laboratory.connect(filled) as connection, connection.transaction():
            tenant = connection.execute("select max(id::text) from app.residents").fetchone()[0]
            connection.execute(ENTERED, [tenant])
            connection.execute("insert into app.notes (body, project_id) values ('b', %s)", [ABSENT])
        with pytest.raises(MigrationFailed, match=f"1 rows of tenant {tenant} break project of app.notes"):
            migrate(laboratory.migrator(filled), among=[self.ALL])
        assert counted(laboratory, filled, self.VALID) == 0

    def test_that_dangles_in_a_tenant_that_is_not_on_the_list_is_refused(self, laboratory, filled):
        with laboratory.connect(filled) as connection, connection.transaction():
            tenant = connection.execute("select max(id::text) from app.residents").fetchone()[0]
            connection.execute(ENTERED, [tenant])
            connection.execute("insert into app.notes (body, project_id) values ('b', %s)", [ABSENT])
            connection.execute("delete from app.residents where id = %s", [tenant])
        with pytest.raises(MigrationFailed, match=r"rows of tenants that are not in app\.residents"):
            migrate(laboratory.migrator(filled), among=[self.ALL])
        assert counted(laboratory, filled, self.VALID) == 0

    def test_between_tables_of_everybody_is_validated_plainly(self, laboratory, filled):
        with laboratory.connect(filled) as connection:
            connection.execute(
                "create table app.x (id int primary key, role text); create index on app.x (role);"
                "alter table app.x owner to freehold_owner; comment on table app.x is 'global: a test makes it';"
                "alter table app.x add constraint role foreign key (role) references app.builtin_roles not valid;"
                "insert into app.x values (1, null)"
            )
        step = Migration("test/0311_a.pre", "-- step: a\ncall app.validate_reference('app.x', 'role');")
        migrate(laboratory.migrator(filled), among=[step])
        assert counted(laboratory, filled, "pg_constraint where conname = 'role' and convalidated") == 1

    def test_of_identities_is_refused_with_a_sentence(self, laboratory, filled):
        what = "'directory.memberships', 'memberships_tenant_id_fkey'"
        step = Migration("test/0312_a.pre", f"-- step: a\ncall app.validate_reference({what});")
        with pytest.raises(
            MigrationFailed, match="cannot be proved, because nobody sees all rows of an identity table"
        ):
            migrate(laboratory.migrator(filled), among=[step])

    def test_the_control_the_database_alone_takes_it_for_right(self, laboratory, filled):
        """As it did before the owner had a policy: it looked as an owner who sees no row."""
        with laboratory.connect(filled) as connection:
            connection.execute("drop policy freehold_owner on app.notes; drop policy freehold_owner on app.projects")
            with connection.transaction():
                tenant = connection.execute("select max(id::text) from app.residents").fetchone()[0]
                connection.execute(ENTERED, [tenant])
                connection.execute("insert into app.notes (body, project_id) values ('b', %s)", [ABSENT])
            connection.execute("set role freehold_owner")
            connection.execute(self.ADD.removesuffix("not valid"))
        assert counted(laboratory, filled, "pg_constraint where conname = 'project' and convalidated") == 1


class TestResidents:
    def test_are_the_tenants(self, laboratory, filled):
        assert counted(laboratory, filled, "app.residents") == 4
        assert (
            counted(
                laboratory, filled, "app.residents r full join app.tenants t using (id) where r is null or t is null"
            )
            == 0
        )

    def test_go_when_the_tenant_goes(self, laboratory, filled):
        with laboratory.connect(filled) as connection, connection.transaction():
            tenant = connection.execute("select max(id::text) from app.residents").fetchone()[0]
            connection.execute(ENTERED, [tenant])
            connection.execute("delete from app.tenants where id = %s", [tenant])
        assert counted(laboratory, filled, "app.residents") == 3

    def test_are_those_that_were_there_before_the_list(self, laboratory):
        early = [migration for migration in migrations() if migration.name < "freehold/0006"]
        name = laboratory.copy()
        migrate(laboratory.migrator(name), among=early)
        with laboratory.connect(name) as connection, connection.transaction():
            connection.execute(ENTERED, [ABSENT])
            connection.execute("insert into app.tenants (id, name) values (%s, 'Early')", [ABSENT])
        migrate(laboratory.migrator(name), among=migrations())
        assert counted(laboratory, name, f"app.residents where id = '{ABSENT}'") == 1
        laboratory.drop(name)

    @pytest.mark.parametrize("role", ["freehold_api", "freehold_worker", "freehold_system", "freehold_operator"])
    def test_are_nobodys_who_serves_requests(self, server, laboratory, filled, role):
        with psycopg.connect(server.conninfo(user=role, database=filled), autocommit=True) as connection:
            for sql in (
                "select from app.residents",
                f"select app.enter_resident('{ABSENT}')",
                f"call app.backfill({OLD})",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql)
