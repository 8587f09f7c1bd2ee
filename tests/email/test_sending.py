"""From a mail that waits to what SES was given, and what became of it."""

from datetime import timedelta

import pytest

from freehold.email.gateway import MailPostponed, MailRefused
from local.companies import Company
from local.inboxes import Mailbox
from local.log_stream import LogStream
from tests.email.mails import came_back, hand_over, happened, mails


@pytest.fixture
def waiting(acme, notify):
    """One mail to the owner of acme waits; it tells of a disabled endpoint. Its id."""
    notify(happened(acme, "endpoint_disabled"))
    return mail_id_of(acme)


def mail_id_of(company):
    [(mail_id,)] = company.execute("select id from app.emails where tenant_id = %(tenant_id)s")
    return mail_id


def job(company):
    """State, attempt, reason and seconds until it is tried again; None where it is done with."""
    rows = company.execute(
        "select state, attempt, reason, round(extract(epoch from due_at - updated_at)) from app.jobs"
        " where tenant_id = %(tenant_id)s and job_class = 'mail'"
    )
    return rows[0] if rows else None


def raising(error):
    def fail(_mail):
        raise error

    return fail


class TestMail:
    def test_is_sent_and_its_job_is_done(self, acme, waiting, send_mails, mailer, owner_address, pages):
        assert send_mails(acme) == []
        [mail] = mailer.sent
        assert (mail.id, mail.tenant_id, mail.to, mail.sender) == (waiting, acme.id, owner_address, "Acme")
        assert mail.subject == "Webhooks to one of your endpoints have stopped"
        assert "at hooks.example.com of Acme" in mail.text.replace("\n", " ")
        assert f"{pages}/webhook-endpoints/" in mail.html
        assert acme.execute("select state, message_id from app.emails where tenant_id = %(tenant_id)s") == [
            ("sent", "id-1")
        ]
        assert job(acme) is None

    def test_whose_message_comes_twice_is_sent_once(self, acme, waiting, send_mails, mailer):
        messages = hand_over(acme)
        assert send_mails(acme, *messages, *messages) == send_mails(acme, *messages) == []
        assert len(mailer.sent) == 1

    def test_looks_as_its_tenant_does_by_then(self, acme, waiting, send_mails, mailer):
        acme.execute(
            "update app.tenants set name = 'Acme & Söhne', color = '#aa0000', logo_url = 'https://acme.test/l.png'"
            " where id = %(tenant_id)s"
        )
        send_mails(acme)
        [mail] = mailer.sent
        assert mail.sender == "Acme & Söhne"
        assert "#aa0000" in mail.html
        assert 'src="https://acme.test/l.png" alt="Acme &amp; Söhne"' in mail.html

    def test_is_in_the_language_of_its_tenant(self, acme, notify, send_mails, mailer):
        acme.execute("update app.tenants set locale = 'de-AT' where id = %(tenant_id)s")
        notify(happened(acme, "endpoint_disabled"))
        send_mails(acme)
        assert mailer.sent[0].subject == "Webhooks an einen Ihrer Endpunkte sind ausgesetzt"

    @pytest.mark.parametrize(
        "name",
        ["<script>alert(1)</script>", "PayPal <service@paypal.test>", "$public_url ${brand}", "\u202eemcA", "' \" &"],
    )
    def test_of_a_tenant_with_a_hostile_name_holds_nothing_of_it_but_text(
        self, people, notify, mailer, send_mails, name
    ):
        company: Company = people.company(name)
        notify(happened(company, "endpoint_disabled"))
        assert send_mails(company) == []
        [mail] = mailer.sent
        assert "<script" not in mail.html
        assert "<service@" not in mail.html
        assert "\u202e" not in mail.html + mail.text + mail.sender
        assert mails(company)[0][1] == "sent"

    def test_that_the_database_forgot_is_done_with(self, acme, waiting, send_mails, mailer):
        acme.execute("delete from app.emails where tenant_id = %(tenant_id)s")
        assert send_mails(acme) == []
        assert mailer.sent == []
        assert job(acme) is None

    def test_of_another_tenant_is_out_of_reach(self, acme, globex, waiting, send_mails, mailer, notify):
        """A job of globex that names the mail of acme finds none."""
        notify(happened(globex, "endpoint_disabled"))
        globex.execute(
            "update app.jobs set input = jsonb_build_object('mail_id', %(mail)s::uuid) where tenant_id = %(tenant_id)s",
            mail=waiting,
        )
        assert send_mails(globex) == []
        assert mailer.sent == []
        assert [state for _, state in mails(acme)] == ["waiting"]
        send_mails(acme)
        assert len(mailer.sent) == 1


class TestSuppressed:
    @pytest.mark.parametrize("given", ["same", "upper"])
    def test_an_address_gets_nothing(self, acme, notify, send_mails, mailer, owner_address, given):
        if given == "upper":
            acme.execute("update app.members set email = upper(email) where tenant_id = %(tenant_id)s")
        suppress(acme, owner_address)
        notify(happened(acme, "endpoint_disabled"))
        assert send_mails(acme) == []
        assert mailer.sent == []
        assert [state for _, state in mails(acme)] == ["suppressed"]
        assert job(acme) is None

    def test_in_another_tenant_is_another_matter(self, acme, globex, waiting, send_mails, mailer, owner_address):
        suppress(globex, owner_address)
        send_mails(acme)
        assert [state for _, state in mails(acme)] == ["sent"]

    def test_after_it_was_written_gets_nothing_either(self, acme, waiting, send_mails, mailer, owner_address):
        suppress(acme, owner_address)
        send_mails(acme)
        assert mailer.sent == []


class TestRefused:
    def test_is_given_up(self, acme, waiting, send_mails, mailer):
        mailer.instead = raising(MailRefused("Address is no good."))
        assert send_mails(acme) == []
        assert acme.execute("select state, error from app.emails where tenant_id = %(tenant_id)s") == [
            ("refused", "Address is no good.")
        ]
        assert job(acme)[:3] == ("failed", 1, "The mail was refused.")

    @pytest.mark.parametrize(
        "address", ["nobody", "a b@acme.test", "a@acme.test, b@globex.test", "a@b.test\nBcc: c@d.test"]
    )
    def test_an_address_that_is_none_never_reaches_ses(self, acme, notify, send_mails, mailer, address):
        acme.execute("update app.members set email = %(address)s where tenant_id = %(tenant_id)s", address=address)
        notify(happened(acme, "endpoint_disabled"))
        assert send_mails(acme) == []
        assert mailer.sent == []
        assert [state for _, state in mails(acme)] == ["refused"]

    def test_tells_nobody(self, acme, waiting, send_mails, mailer):
        """A mail that failed makes no event, and so no mail about itself."""
        mailer.instead = raising(MailRefused("No."))
        send_mails(acme)
        types = acme.execute("select type from app.outbox where tenant_id = %(tenant_id)s")
        assert ("job.failed",) not in types


class TestFailed:
    """A mail whose job nobody will run again waits for nothing."""

    def test_after_the_last_attempt_is_refused_with_the_reason(self, acme, waiting, send_mails, mailer):
        mailer.instead = raising(TimeoutError("Read timeout"))
        for _ in range(9):
            send_mails(acme)
        assert told(acme) == [("waiting", None)]
        assert send_mails(acme) == []
        assert told(acme) == [("refused", "It failed on our side (TimeoutError).")]
        assert job(acme)[:2] == ("failed", 10)

    def test_whose_worker_was_lost_at_last_is_refused(self, acme, waiting, send_mails, mailer):
        acme.execute("update app.jobs set attempt = attempts where tenant_id = %(tenant_id)s")
        assert send_mails(acme) == []
        assert told(acme) == [("refused", "The worker that ran it was lost.")]
        assert mailer.sent == []

    def test_that_cannot_be_written_is_refused(self, acme, waiting, send_mails, mailer):
        acme.execute("update app.emails set template = 'of_a_newer_version' where tenant_id = %(tenant_id)s")
        acme.execute("update app.jobs set attempts = 1 where tenant_id = %(tenant_id)s")
        assert send_mails(acme) == []
        assert told(acme) == [("refused", "It failed on our side (KeyError).")]


def told(company):
    return company.execute("select state, error from app.emails where tenant_id = %(tenant_id)s")


class TestPostponed:
    def test_is_tried_again_as_often_as_it_takes(self, acme, waiting, send_mails, mailer):
        mailer.instead = raising(MailPostponed("Daily quota exceeded.", timedelta(minutes=15)))
        for _ in range(12):
            assert send_mails(acme) == []
        state, attempt, reason, wait = job(acme)
        assert (state, attempt, reason) == ("scheduled", 0, "Daily quota exceeded.")
        assert wait >= 15 * 60
        mailer.instead = None
        send_mails(acme)
        assert [state for _, state in mails(acme)] == ["sent"]

    def test_is_given_up_when_it_would_come_too_late(self, acme, waiting, send_mails, mailer):
        acme.execute("update app.emails set created_at = now() - interval '73 hours' where tenant_id = %(tenant_id)s")
        assert send_mails(acme) == []
        assert mailer.sent == []
        assert [state for _, state in mails(acme)] == ["refused"]


class TestAtOnce:
    def test_a_mail_that_comes_back_before_it_is_noted_as_sent_stays_that_way(
        self, acme, waiting, send_mails, mailer, mail_feedback, owner_address
    ):
        """Its mailer uses the database, which raises NestedUnit where a transaction is open meanwhile."""
        failed = []
        mailer.instead = lambda mail: failed.extend(mail_feedback(came_back(acme, mail.id, owner_address)))
        assert send_mails(acme) == failed == []
        rows = acme.execute("select state, message_id from app.emails where tenant_id = %(tenant_id)s")
        assert rows == [("bounced", "id-1")]


class TestUnknown:
    """Nobody knows whether SES has it: the answer was lost."""

    def test_is_sent_again_with_the_same_id(self, acme, waiting, send_mails, mailer):
        lost = [TimeoutError("Read timeout")]

        def taken_but_not_answered(mail):
            if lost:
                mailer.sent.append(mail)
                raise lost.pop()

        mailer.instead = taken_but_not_answered
        send_mails(acme)
        assert job(acme)[:2] == ("scheduled", 1)
        assert [state for _, state in mails(acme)] == ["waiting"]
        send_mails(acme)
        assert [mail.id for mail in mailer.sent] == [waiting, waiting]
        assert [state for _, state in mails(acme)] == ["sent"]

    def test_is_not_sent_again_once_it_came_back(self, acme, waiting, send_mails, mailer, mail_feedback, owner_address):
        mailer.instead = raising(TimeoutError("Read timeout"))
        send_mails(acme)
        assert mail_feedback(came_back(acme, waiting, owner_address)) == []
        mailer.instead = None
        assert send_mails(acme) == []
        assert mailer.sent == []
        assert [state for _, state in mails(acme)] == ["bounced"]


class TestEmulator:
    def test_has_a_mail_from_an_event_to_the_inbox(
        self, acme, waiting, emulator, emulated, send_mails_by, owner_address, tmp_path
    ):
        send = send_mails_by(emulated("Freehold <mail@freehold.test>"))
        assert send(acme) == []
        with Mailbox(emulator.endpoint, logs=LogStream(tmp_path / "functions.log")) as mailbox:
            [mail] = [mail for mail in mailbox.mails() if mail.to == (owner_address,)]
        assert mail.sender == "Acme via Freehold <mail@freehold.test>"
        assert mail.subject == "Webhooks to one of your endpoints have stopped"
        assert acme.execute("select message_id from app.emails where tenant_id = %(tenant_id)s") == [(mail.id,)]

    def test_refuses_a_stage_whose_sender_is_not_verified(self, acme, waiting, emulated, send_mails_by):
        assert send_mails_by(emulated("mail@globex.test"))(acme) == []
        assert [state for _, state in mails(acme)] == ["refused"]


def suppress(company, address):
    company.execute(
        "insert into app.email_suppressions (tenant_id, address, reason)"
        " values (%(tenant_id)s, %(address)s, 'bounced')",
        address=address,
    )
