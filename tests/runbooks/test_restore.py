"""One tenant's rows, out of a backup and back: the SQL of the runbook, on a real PostgreSQL."""

import re
from uuid import UUID

import psycopg
import pytest

from infra.stage import STAGES
from local.companies import Company
from local.project import ROOT

PAGE = (ROOT / "docs/runbooks/restore.md").read_text()
SECTION = PAGE.partition("## One tenant's rows")[2].partition("## The drill")[0]
SCRIPTS = [
    [line.strip() for line in block.splitlines() if line.strip()]
    for block in re.findall(r"(?:^ {4}[^\n]*\n)+", SECTION, re.MULTILINE)
]


def run(connection, script, tenant, file):
    """As psql would: its own word for copying moves rows between the server and here."""
    for line in script:
        sql = line.replace("01a1fac8-…", str(UUID(str(tenant))))
        if out := re.fullmatch(r"\\copy (.*) to '.*' csv header", sql):
            with connection.cursor().copy(f"copy {out[1]} to stdout csv header") as copy:
                file[:] = [bytes(part) for part in copy]
        elif back := re.fullmatch(r"\\copy (.*) from '.*' csv header", sql):
            with connection.cursor().copy(f"copy {back[1]} from stdin csv header") as copy:
                copy.write(b"".join(file))
        else:
            connection.execute(sql)


@pytest.fixture
def migrator(superuser):
    """As whom the runbook logs in."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("set session authorization freehold_migrator")
        yield connection


@pytest.fixture
def lost(superuser):
    """Take rows away as an accident would."""

    def delete(company):
        with psycopg.connect(superuser) as connection:
            for name, value in {
                "tenant_id": str(company.id),
                "principal": "migration:x",
                "request_id": "x",
                "address": "",
            }.items():
                connection.execute("select set_config(%s, %s, true)", [f"app.{name}", value])
            connection.execute("delete from app.projects where tenant_id = %s", [company.id])

    return delete


class TestOneTenantsRows:
    def test_come_back_as_they_were(self, acme: Company, globex: Company, migrator, lost):
        ours, theirs = acme.project(), globex.project()
        out, back = SCRIPTS
        file: list[bytes] = []
        run(migrator, out, acme.id, file)
        lost(acme)
        assert acme.call("GET", f"/v1/projects/{ours['id']}").status == 404
        run(migrator, back, acme.id, file)
        assert acme.call("GET", f"/v1/projects/{ours['id']}").json == ours
        assert globex.call("GET", f"/v1/projects/{theirs['id']}").json == theirs

    def test_are_one_tenants_alone(self, acme: Company, globex: Company, migrator):
        ours, theirs = acme.project(), globex.project()
        file: list[bytes] = []
        run(migrator, SCRIPTS[0], acme.id, file)
        text = b"".join(file).decode()
        assert ours["id"] in text
        assert theirs["id"] not in text

    def test_of_another_are_not_let_in(self, acme: Company, globex: Company, migrator, lost):
        globex.project()
        file: list[bytes] = []
        run(migrator, SCRIPTS[0], globex.id, file)
        lost(globex)
        with pytest.raises(psycopg.Error):
            run(migrator, SCRIPTS[1], acme.id, file)

    def test_that_are_there_stay_as_they_are(self, acme: Company, migrator):
        ours = acme.project()
        file: list[bytes] = []
        run(migrator, SCRIPTS[0], acme.id, file)
        assert acme.call("POST", f"/v1/projects/{ours['id']}/archive").json["archived_at"]
        run(migrator, SCRIPTS[1], acme.id, file)
        assert acme.call("GET", f"/v1/projects/{ours['id']}").json["archived_at"]

    def test_are_in_the_audit_trail_under_the_name_that_was_given(self, acme: Company, migrator, lost):
        ours = acme.project()
        file: list[bytes] = []
        run(migrator, SCRIPTS[0], acme.id, file)
        lost(acme)
        run(migrator, SCRIPTS[1], acme.id, file)
        entries = acme.call("GET", "/v1/audit", query={"principal": "migration:restore"}).json["items"]
        assert [(entry["action"], entry["row_id"]) for entry in entries] == [("projects.insert", ours["id"])]

    def test_are_refused_without_a_name(self, acme: Company, migrator, lost):
        acme.project()
        file: list[bytes] = []
        run(migrator, SCRIPTS[0], acme.id, file)
        lost(acme)
        with pytest.raises(psycopg.Error, match=r"app\.principal"):
            run(migrator, [line for line in SCRIPTS[1] if "app.principal" not in line], acme.id, file)


class TestHowFarBack:
    @pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
    def test_is_what_the_stage_has(self, stage):
        row = next(line for line in PAGE.splitlines() if line.startswith("| How far back |"))
        found = dict(re.findall(r"`(\w+)` (?:and `\w+` )?(\d+) days?", row)) | dict(
            re.findall(r"and `(\w+)` (\d+) days?", row)
        )
        assert int(found[stage.name]) == stage.cell.backup_days
