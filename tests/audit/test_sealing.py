"""Sealing: nothing is skipped, nobody forks a chain, and what fails is made up for by the next call."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from freehold.callers import Identity, PersonCaller
from freehold.database import database
from freehold.ids import TenantId, first_id
from local.audit import verify
from local.audit_reading import Trail
from local.companies import Company
from product.projects import service
from product.projects.models import NewProject
from tests.audit.conftest import Attacker, Drawer, seal

WRITERS, EACH = 8, 200
CLEAN = 100


def counts(company: Company) -> tuple[int, int]:
    """Entries, and seals."""
    [row] = company.execute(
        "select (select count(*) from app.audit where tenant_id = %(tenant_id)s),"
        " (select count(*) from app.audit_seals where tenant_id = %(tenant_id)s)"
    )
    return row[0], row[1]


def write(company: Company, issuer: str) -> None:
    """As one of many."""
    who = Identity(issuer=issuer, subject=company.owner.subject, issued_at=datetime.now(UTC))
    caller = PersonCaller(tenant_id=TenantId(company.id), identity=who, request_id="many", address="192.0.2.1")
    for number in range(EACH):
        service.create(database(), caller, NewProject(name=f"Project {number}"), None)
    database().close()


def seal_until(done: list[bool]) -> None:
    while not done:
        seal(Drawer())
    for role in ("worker", "system"):
        database(f"freehold_{role}").close()


class TestSeal:
    def test_eight_writers_of_200_entries_and_two_sealers_leave_a_whole_chain(
        self, acme: Company, drawer: Drawer, attacker: Attacker
    ):
        before, _ = counts(acme)
        done: list[bool] = []
        with ThreadPoolExecutor(WRITERS + 2) as threads:
            sealers = [threads.submit(seal_until, done) for _ in range(2)]
            writers = [threads.submit(write, acme, acme.people.issuer.url) for _ in range(WRITERS)]
            for writer in writers:
                writer.result()
            done.append(True)
            for sealer in sealers:
                sealer.result()
        seal(drawer)
        entries, seals = counts(acme)
        assert entries == seals == before + WRITERS * EACH
        verdict = attacker.verdict(drawer, acme.id)
        assert verdict.finding is None
        assert verdict.sealed == seals

    def test_an_entry_that_commits_late_is_sealed_late(
        self, acme: Company, drawer: Drawer, attacker: Attacker, superuser: str
    ):
        with psycopg.connect(superuser) as late:
            for name in ("tenant_id", "principal", "request_id", "address"):
                late.execute("select set_config(%s, %s, true)", [f"app.{name}", str(acme.id)])
            late.execute("update app.tenants set name = 'Late' where id = %s", [acme.id])
            sooner = acme.project()
            seal(drawer)
        seal(drawer)
        rows = acme.execute(
            "select e.action, s.seq from app.audit_seals s join app.audit e on e.tenant_id = s.tenant_id"
            " and e.id = s.audit_id where s.tenant_id = %(tenant_id)s order by e.id desc limit 2"
        )
        assert sooner
        [(action, seq), (late_action, late_seq)] = rows
        assert (action, late_action) == ("projects.insert", "tenants.update")
        assert late_seq == seq + 1, "older by its id, and later in the chain"
        assert attacker.finding(drawer, acme.id) is None

    def test_a_call_too_many_finds_nothing_to_do(self, acme: Company, drawer: Drawer):
        acme.project()
        assert seal(drawer) > 0
        anchors = dict(drawer.contents)
        assert seal(drawer) == 0
        assert drawer.contents == anchors

    def test_leaves_a_tenant_at_which_somebody_else_is(self, acme: Company, drawer: Drawer, superuser: str):
        seal(drawer)
        acme.project()
        with psycopg.connect(superuser) as other:
            other.execute("select from app.audit_heads where tenant_id = %s for update", [acme.id])
            assert seal(drawer) == 0
        assert seal(drawer) == 1, "the control: it was to be sealed"

    def test_seals_all_the_same_while_the_bucket_does_not_answer(self, acme: Company, drawer: Drawer):
        acme.project()
        drawer.broken = True
        with pytest.raises(ExceptionGroup):
            seal(drawer)
        entries, seals = counts(acme)
        assert entries == seals
        assert not drawer.contents
        drawer.broken = False
        assert seal(drawer) == 0
        assert len(list(drawer.written(acme.id))) == 1, "the next call makes up for it"

    def test_no_false_alarm_in_100_clean_runs(self, acme: Company, drawer: Drawer, attacker: Attacker):
        for run in range(CLEAN):
            acme.project(f"Project {run}")
            if run % 3:
                seal(drawer)
            if run % 10 == 0:
                [newest] = acme.execute(
                    "select id from app.audit where tenant_id = %(tenant_id)s order by id desc limit 1"
                )
                acme.execute("select app.erase_entry(%(id)s)", id=newest[0])
            attacker.connection.rollback()
            assert attacker.finding(drawer, acme.id) is None, f"run {run}"


class TestErasure:
    def erase(self, company: Company, place: int) -> uuid.UUID:
        [(entry,)] = company.execute(
            "select audit_id from app.audit_seals where tenant_id = %(tenant_id)s and seq = %(place)s", place=place
        )
        company.execute("select app.erase_entry(%(entry)s)", entry=entry)
        return entry

    def test_leaves_the_chain_whole_and_is_counted(self, acme: Company, drawer: Drawer, attacker: Attacker):
        for number in range(5):
            acme.project(f"Project {number}")
        seal(drawer)
        entry = self.erase(acme, 4)
        seal(drawer)
        verdict = attacker.verdict(drawer, acme.id)
        assert (verdict.finding, verdict.erased) == (None, 1)
        [(address, change, salt)] = acme.execute(
            "select e.address, e.change, s.salt from app.audit e join app.audit_seals s on s.tenant_id = e.tenant_id"
            " and s.audit_id = e.id where e.tenant_id = %(tenant_id)s and e.id = %(entry)s",
            entry=entry,
        )
        assert (address, change, salt) == ("", {}, None)

    def test_who_did_what_stays_provable(self, acme: Company, drawer: Drawer, attacker: Attacker):
        acme.project()
        seal(drawer)
        entry = self.erase(acme, 3)
        seal(drawer)
        attacker.do("update app.audit set action = 'projects.delete' where id = %(entry)s", entry=entry)
        finding = attacker.finding(drawer, acme.id)
        assert finding is not None
        assert (finding.what, finding.seq) == ("edited", 3)

    def test_one_that_nobody_recorded_is_found(self, acme: Company, drawer: Drawer, attacker: Attacker):
        acme.project()
        seal(drawer)
        attacker.do(
            "update app.audit_seals set salt = null, erased_at = now() where tenant_id = %(tenant)s and seq = 3",
            tenant=acme.id,
        )
        attacker.do(
            "update app.audit e set address = '', change = '{}' from app.audit_seals s where s.tenant_id = %(tenant)s"
            " and s.seq = 3 and e.tenant_id = s.tenant_id and e.id = s.audit_id",
            tenant=acme.id,
        )
        finding = attacker.finding(drawer, acme.id)
        assert finding is not None
        assert finding.what == "erased without a record"


class TestForgery:
    def test_an_entry_of_a_time_long_past_is_found_although_it_was_sealed(
        self, acme: Company, drawer: Drawer, attacker: Attacker
    ):
        acme.project()
        seal(drawer)
        attacker.enter(acme.id)
        forged = first_id(datetime.now(UTC) - timedelta(hours=2))
        attacker.do(
            "insert into app.audit (id, action, row_id, change) values (%(id)s, 'projects.delete', %(id)s, '{}')",
            id=forged,
        )
        attacker.do("insert into app.audit_unsealed (audit_id) values (%(id)s)", id=forged)
        attacker.do("select app.seal_audit(10)")
        finding = attacker.finding(drawer, acme.id)
        assert finding is not None
        assert (finding.what, finding.entry) == ("inserted", forged)

    def test_an_entry_that_waits_for_more_than_half_an_hour_is_named(self, acme: Company, attacker: Attacker):
        attacker.enter(acme.id)
        old = first_id(datetime.now(UTC) - timedelta(minutes=31))
        attacker.do(
            "insert into app.audit (id, action, row_id, change) values (%(id)s, 'projects.delete', %(id)s, '{}')",
            id=old,
        )
        attacker.do("insert into app.audit_unsealed (audit_id) values (%(id)s)", id=old)
        finding = attacker.finding(None, acme.id)
        assert finding is not None
        assert (finding.what, finding.entry) == ("not sealed", old)


class TestCheckpoint:
    def shorten(self, attacker: Attacker, company: Company, drawer: Drawer) -> uuid.UUID:
        """As retention does with a part that is over: the chain begins behind its first five entries."""
        for number in range(8):
            company.project(f"Project {number}")
        seal(drawer)
        [row] = attacker.do(
            "select audit_id from app.audit_seals where tenant_id = %(tenant)s and seq = 6", tenant=company.id
        )
        attacker.do("call app.checkpoint_audit(%(before)s)", before=row["audit_id"])
        return row["audit_id"]

    def keep_nothing(self, attacker: Attacker) -> None:
        attacker.do("insert into app.retention (table_name, keep) values ('app.audit', '1 microsecond')")

    def test_the_chain_goes_on_behind_it(self, acme: Company, drawer: Drawer, attacker: Attacker):
        before = self.shorten(attacker, acme, drawer)
        self.keep_nothing(attacker)
        whole = attacker.verdict(drawer, acme.id)
        assert (whole.finding, whole.begins_at) == (None, 5), "made, and nothing dropped yet"
        attacker.do("delete from app.audit where tenant_id = %(tenant)s and id < %(b)s", tenant=acme.id, b=before)
        assert attacker.finding(drawer, acme.id) is None, "entries dropped, and their seals not yet"
        attacker.do("select app.drop_seals(2)")
        attacker.do("select app.drop_seals(1000)")
        [row] = attacker.do("select min(seq) from app.audit_seals where tenant_id = %(tenant)s", tenant=acme.id)
        assert row["min"] == 6
        verdict = attacker.verdict(drawer, acme.id)
        assert (verdict.finding, verdict.sealed) == (None, 4 + 1)

    def test_none_excuses_what_should_still_be_kept(self, acme: Company, drawer: Drawer, attacker: Attacker):
        self.shorten(attacker, acme, drawer)
        finding = attacker.finding(drawer, acme.id)
        assert finding is not None
        assert finding.what == "false checkpoint"

    def test_what_the_database_says_of_retention_need_not_be_believed(
        self, acme: Company, drawer: Drawer, attacker: Attacker
    ):
        self.shorten(attacker, acme, drawer)
        self.keep_nothing(attacker)
        assert attacker.finding(drawer, acme.id) is None
        for days in (0, 730):
            found = verify(Trail(attacker.connection), drawer, acme.id, kept_days=days).finding
            assert found is not None
            assert found.what == "false checkpoint"

    def test_a_false_hash_is_found_by_the_anchors(self, acme: Company, drawer: Drawer, attacker: Attacker):
        self.shorten(attacker, acme, drawer)
        self.keep_nothing(attacker)
        attacker.do("update app.audit_checkpoints set hash = sha256(hash) where tenant_id = %(tenant)s", tenant=acme.id)
        finding = attacker.finding(drawer, acme.id)
        assert finding is not None
        assert finding.what == "rewritten"

    def test_waits_for_what_is_not_sealed(self, acme: Company, attacker: Attacker):
        acme.project()
        with pytest.raises(psycopg.DatabaseError, match="not sealed"):
            attacker.do("call app.checkpoint_audit(%(before)s)", before=first_id(datetime.now(UTC) + timedelta(days=1)))


class TestRoles:
    """Whoever serves requests and whoever works can neither change the chain nor what is to be sealed."""

    @pytest.mark.parametrize("table", ["audit", "audit_seals", "audit_unsealed", "audit_checkpoints"])
    def test_cannot_change_it(self, table: str, attacker: Attacker):
        changes = attacker.do(
            "select grantee, privilege_type from information_schema.column_privileges where table_schema = 'app'"
            " and table_name = %(table)s and privilege_type <> 'SELECT' and grantee <> 'freehold_owner'"
            " union select grantee, privilege_type from information_schema.table_privileges where table_schema = 'app'"
            " and table_name = %(table)s and privilege_type <> 'SELECT' and grantee <> 'freehold_owner'",
            table=table,
        )
        assert {row["grantee"] for row in changes} <= {"freehold_auditor"}, "whose functions alone write it"
        assert ("freehold_auditor", "UPDATE") not in {(row["grantee"], row["privilege_type"]) for row in changes}

    def test_a_request_cannot_read_seals(self, attacker: Attacker):
        readers = attacker.do(
            "select distinct grantee from information_schema.column_privileges"
            " where table_schema = 'app' and table_name = 'audit_seals'"
        )
        assert {row["grantee"] for row in readers} == {"freehold_owner", "freehold_auditor", "freehold_worker"}
