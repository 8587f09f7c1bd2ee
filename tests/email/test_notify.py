"""From an event to the mails that tell of it."""

from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest

from freehold.email.models import State
from freehold.email.notices import NOTICES
from freehold.email.records import A_DAY, ALIKE_A_DAY
from functions.manifest import FUNCTIONS
from tests.email.mails import happened, mails


def jobs(company):
    return company.execute(
        "select kind, job_class, state, created_by from app.jobs where tenant_id = %(tenant_id)s order by id"
    )


def add_member(company, role, address, status="active"):
    person = company.member(role)
    [(member_id,)] = company.execute(
        "update app.members set email = %(address)s, status = %(status)s"
        " where tenant_id = %(tenant_id)s and subject = %(subject)s returning id",
        address=address,
        status=status,
        subject=person.subject,
    )
    return member_id


def member_id_of_owner(company):
    [(member_id,)] = company.execute("select id from app.members where tenant_id = %(tenant_id)s and role = 'owner'")
    return member_id


class TestOwners:
    """Of a tenant whose endpoint was disabled."""

    def test_hear_of_it(self, acme, notify, owner_address):
        assert notify(happened(acme, "endpoint_disabled")) == []
        assert mails(acme) == [(owner_address, "waiting")]
        assert jobs(acme) == [("email.send", "mail", "waiting", "worker:notify")]

    def test_and_admins_hear_of_it_and_nobody_else(self, acme, notify, owner_address):
        add_member(acme, "owner", "a.second@acme.test")
        add_member(acme, "admin", "an.admin@acme.test")
        add_member(acme, "member", "a.member@acme.test")
        add_member(acme, "viewer", "a.viewer@acme.test")
        add_member(acme, "owner", "a.removed@acme.test", status="removed")
        add_member(acme, "admin", "a.suspended@acme.test", status="suspended")
        assert notify(happened(acme, "endpoint_disabled")) == []
        assert {address for address, _ in mails(acme)} == {owner_address, "a.second@acme.test", "an.admin@acme.test"}
        assert len(jobs(acme)) == 3

    def test_without_an_address_are_skipped(self, acme, notify):
        acme.execute("update app.members set email = null where tenant_id = %(tenant_id)s")
        add_member(acme, "owner", "x" * 255)
        assert notify(happened(acme, "endpoint_disabled")) == []
        assert mails(acme) == jobs(acme) == []
        add_member(acme, "owner", "the.control@acme.test")
        notify(happened(acme, "endpoint_disabled"))
        assert mails(acme) == [("the.control@acme.test", "waiting")]

    def test_with_one_address_hear_once(self, acme, notify):
        acme.execute("update app.members set email = 'Both@acme.test' where tenant_id = %(tenant_id)s")
        add_member(acme, "admin", "both@acme.test")
        assert notify(happened(acme, "endpoint_disabled")) == []
        assert mails(acme) == [("Both@acme.test", "waiting")]
        assert len(jobs(acme)) == 1

    def test_of_another_tenant_hear_nothing(self, acme, globex, notify):
        assert notify(happened(acme, "endpoint_disabled")) == []
        assert mails(globex) == jobs(globex) == []
        notify(happened(globex, "endpoint_disabled"))
        assert len(mails(globex)) == 1

    def test_read_it_in_the_language_of_their_tenant(self, acme, notify):
        acme.execute("update app.tenants set locale = 'de-AT' where id = %(tenant_id)s")
        notify(happened(acme, "endpoint_disabled"))
        assert acme.execute("select locale from app.emails where tenant_id = %(tenant_id)s") == [("de-AT",)]

    @pytest.mark.parametrize(
        ("failing_since", "told"),
        [("2026-11-16T15:59:00+00:00", "2026-11-16T15:59:00Z"), (None, "2026-11-21T16:00:00Z")],
    )
    def test_are_told_since_when(self, acme, notify, failing_since, told):
        """An endpoint that says that it is gone may have worked until then."""
        endpoint = uuid4()
        notify(happened(acme, "endpoint_disabled", of=endpoint, failing_since=failing_since))
        [(fields,)] = acme.execute("select fields from app.emails where tenant_id = %(tenant_id)s")
        assert fields == {
            "endpoint_id": str(endpoint),
            "host": "hooks.example.com",
            "failing_since": told,
        }

    @pytest.mark.parametrize(
        "url",
        [
            "https://hooks.example.com/services/T0/B0/a-secret",
            "https://hooks.example.com:8443/in?token=a-secret#a-secret",
            "https://a-secret:a-secret@hooks.example.com/",
        ],
    )
    def test_are_told_the_host_and_no_secret_of_the_address(self, acme, notify, send_mails, mailer, url):
        notify(happened(acme, "endpoint_disabled", url=url))
        send_mails(acme)
        [mail] = mailer.sent
        assert "hooks.example.com" in mail.text
        assert "hooks.example.com" in mail.html
        assert "secret" not in mail.model_dump_json()
        rows = acme.execute("select e::text from app.emails e where tenant_id = %(tenant_id)s")
        assert "secret" not in str(rows)

    def test_hear_once_a_day_of_one_endpoint(self, acme, notify, send_mails, mailer):
        """However often it is enabled and fails again."""
        endpoint = uuid4()
        for hour in (9, 15, 23):
            failed = happened(acme, "endpoint_disabled", of=endpoint)
            failed["detail"]["occurred_at"] = f"2026-11-21T{hour:02}:00:00Z"
            assert notify(failed) == send_mails(acme) == []
        assert len(mails(acme)) == len(mailer.sent) == 1
        notify(happened(acme, "endpoint_disabled", of=uuid4()))
        assert len(mails(acme)) == 2, "another endpoint is another matter"
        next_day = happened(acme, "endpoint_disabled", of=endpoint)
        next_day["detail"]["occurred_at"] = "2026-11-22T00:00:00Z"
        notify(next_day)
        assert len(mails(acme)) == 3


class TestAsker:
    """Whoever a job was done for."""

    @pytest.mark.parametrize("name", ["job_failed", "report_ready"])
    def test_hears_of_it_alone(self, acme, notify, name):
        member_id = add_member(acme, "viewer", "asked@acme.test")
        assert notify(happened(acme, name, created_by=f"member:{member_id}")) == []
        assert mails(acme) == [("asked@acme.test", "waiting")]

    def test_is_who_made_the_key_that_asked(self, acme, notify, owner_address):
        add_member(acme, "owner", "a.second@acme.test")
        key = acme.key("projects:read")
        assert notify(happened(acme, "job_failed", created_by=f"api_key:{key['id']}")) == []
        assert mails(acme) == [(owner_address, "waiting")]

    @pytest.mark.parametrize("status", ["removed", "suspended"])
    def test_who_was_put_out_hears_nothing(self, acme, notify, status):
        member_id = add_member(acme, "member", "asked@acme.test", status=status)
        assert notify(happened(acme, "report_ready", created_by=f"member:{member_id}")) == []
        assert mails(acme) == []

    def test_a_machine_hears_nothing(self, acme, notify):
        assert notify(happened(acme, "job_failed", created_by="worker:upkeep")) == []
        assert mails(acme) == []

    def test_of_another_tenant_hears_nothing(self, acme, globex, notify):
        """Even where an event names a member, or a key, of somebody else."""
        theirs = member_id_of_owner(globex)
        key = globex.key("projects:read")
        messages = [happened(acme, "job_failed", created_by=by) for by in (f"member:{theirs}", f"api_key:{key['id']}")]
        assert notify(*messages) == []
        assert mails(acme) == mails(globex) == []
        notify(happened(globex, "job_failed", created_by=f"member:{theirs}"))
        assert len(mails(globex)) == 1

    def test_is_told_what_it_was(self, acme, notify):
        member_id, job = member_id_of_owner(acme), uuid4()
        notify(happened(acme, "job_failed", of=job, created_by=f"member:{member_id}", kind="projects.import"))
        rows = acme.execute("select template, fields from app.emails where tenant_id = %(tenant_id)s")
        fields = {"job_id": str(job), "kind": "projects.import", "attempts": 10, "reason": "The file is gone."}
        assert rows == [("job_failed", fields)]

    def test_is_told_which_file_it_is(self, acme, notify):
        member_id, job = member_id_of_owner(acme), uuid4()
        notify(happened(acme, "report_ready", of=job, created_by=f"member:{member_id}"))
        rows = acme.execute("select template, fields from app.emails where tenant_id = %(tenant_id)s")
        fields = {"job_id": str(job), "report": "activity-2026-11-21.csv", "rows": 1204}
        assert rows == [("report_ready", fields)]


class TestEvent:
    def test_that_comes_twice_makes_one_mail(self, acme, notify):
        message = happened(acme, "endpoint_disabled")
        assert notify(message, message) == []
        assert notify(message) == []
        assert len(mails(acme)) == len(jobs(acme)) == 1
        notify(happened(acme, "endpoint_disabled", of=uuid4()))
        assert len(mails(acme)) == 2

    def test_that_comes_after_the_inbox_forgot_it_makes_one_mail(self, acme, notify):
        message = happened(acme, "endpoint_disabled")
        notify(message)
        acme.execute("delete from app.inbox where tenant_id = %(tenant_id)s")
        assert notify(message) == []
        assert len(mails(acme)) == len(jobs(acme)) == 1

    def test_that_nobody_hears_of_takes_no_unit_of_work(self, acme, notify):
        message = happened(acme, "report_ready", kind="projects.import")
        notify(message)
        assert mails(acme) == []
        assert acme.execute("select from app.inbox where tenant_id = %(tenant_id)s") == []

    def test_of_a_tenant_that_is_gone_is_done_with(self, acme, notify):
        acme.execute("delete from app.tenants where id = %(tenant_id)s")
        assert notify(happened(acme, "endpoint_disabled")) == []

    def test_that_makes_no_sense_comes_again_and_holds_up_no_other(self, acme, notify):
        broken = happened(acme, "endpoint_disabled", url=None)
        assert notify(broken, happened(acme, "endpoint_disabled")) == [0]
        assert len(mails(acme)) == 1
        assert acme.execute("select count(*) from app.inbox where tenant_id = %(tenant_id)s") == [(1,)]


class TestDay:
    """So much a tenant may have sent on one day: all share what the account may send."""

    def test_of_failed_jobs_ends_for_one_address_after_twenty(self, acme, notify, send_mails, mailer, owner_address):
        member = f"member:{member_id_of_owner(acme)}"
        for _ in range(ALIKE_A_DAY + 2):
            assert notify(happened(acme, "job_failed", of=uuid4(), created_by=member)) == []
        assert states(acme) == {("waiting", None): 20, ("suppressed", ALIKE): 2}
        assert send_mails(acme) == []
        assert len(mailer.sent) == 20
        assert states(acme) == {("sent", None): 20, ("suppressed", ALIKE): 2}

    def test_goes_on_for_another_address_and_for_other_news(self, acme, notify, owner_address):
        fill(acme, ALIKE_A_DAY, owner_address.upper())
        notify(happened(acme, "job_failed", created_by=f"member:{member_id_of_owner(acme)}"))
        assert states(acme)[("suppressed", ALIKE)] == 1
        other = add_member(acme, "member", "other@acme.test")
        notify(happened(acme, "job_failed", created_by=f"member:{other}"))
        notify(happened(acme, "endpoint_disabled"))
        assert ("other@acme.test", "waiting") in mails(acme)
        assert mails(acme).count((owner_address, "waiting")) == 1

    def test_ends_for_the_tenant_after_five_hundred(self, acme, globex, notify, send_mails, mailer, owner_address):
        fill(acme, A_DAY - 1)
        messages = [happened(company, "endpoint_disabled", of=uuid4()) for company in (acme, acme, globex)]
        assert notify(*messages) == []
        assert states(acme) == {("sent", None): A_DAY - 1, ("waiting", None): 1, ("suppressed", FULL): 1}
        assert [state for _, state in mails(globex)] == ["waiting"]
        assert send_mails(acme) == []
        assert len(mailer.sent) == 1

    def test_is_not_used_up_by_what_was_not_sent(self, acme, notify):
        fill(acme, A_DAY)
        acme.execute("update app.emails set state = 'suppressed' where tenant_id = %(tenant_id)s")
        notify(happened(acme, "endpoint_disabled"))
        assert states(acme) == {("suppressed", None): A_DAY, ("waiting", None): 1}

    def test_that_is_over_counts_no_more(self, acme, notify):
        fill(acme, A_DAY, age="24 hours")
        notify(happened(acme, "endpoint_disabled"))
        assert states(acme) == {("sent", None): A_DAY, ("waiting", None): 1}


ALIKE = "The address has had 20 mails of this kind on this day (UTC)."
FULL = "The tenant has had its 500 mails of this day (UTC)."


def states(company):
    """How many mails there are, by what became of them and why."""
    return Counter(company.execute("select state, error from app.emails where tenant_id = %(tenant_id)s"))


def fill(company, many, address="somebody@acme.test", age="0"):
    company.execute(
        "insert into app.emails (tenant_id, cause, address, template, fields, locale, state, created_at)"
        " select %(tenant_id)s, number, %(address)s, 'job_failed', '{}', 'en', 'sent', now() - %(age)s::interval"
        "   from generate_series(1, %(many)s) number",
        many=many,
        address=address,
        age=age,
    )


class TestManifest:
    def test_has_the_bus_hand_over_what_somebody_hears_of(self):
        [function] = [function for function in FUNCTIONS if function.name == "notify"]
        assert set(function.events) == {notice.event for notice in NOTICES}


class TestRunbook:
    def test_says_who_hears_of_what(self):
        page = (Path(__file__).parents[2] / "docs" / "runbooks" / "e-mail.md").read_text(encoding="utf-8")
        assert [notice.event for notice in NOTICES if f"| `{notice.event}`" not in page] == []
        assert [state for state in State if f"| `{state}` |" not in page] == []
