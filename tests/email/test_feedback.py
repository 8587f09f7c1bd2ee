"""Mails that come back: the address is left alone from then on, in the tenant that wrote to it and nowhere else."""

from uuid import uuid4

import pytest

from tests.email.mails import came_back, example, happened, mails, suppressed


@pytest.fixture
def sent(acme, notify, send_mails):
    """The id of a mail that was sent to the owner of acme."""
    notify(happened(acme, "endpoint_disabled"))
    send_mails(acme)
    return mail_id_of(acme)


def mail_id_of(company):
    [(mail_id,)] = company.execute("select id from app.emails where tenant_id = %(tenant_id)s")
    return mail_id


def state_of(company):
    [(_, state)] = mails(company)
    return state


class TestBounce:
    def test_that_is_permanent_suppresses_the_address(self, acme, sent, mail_feedback, owner_address):
        assert mail_feedback(came_back(acme, sent, owner_address)) == []
        assert state_of(acme) == "bounced"
        assert suppressed(acme) == [(owner_address, "bounced")]

    def test_that_is_not_leaves_the_address_alone(self, acme, sent, mail_feedback, owner_address):
        assert mail_feedback(came_back(acme, sent, owner_address, name="bounced_for_now")) == []
        assert state_of(acme) == "bounced"
        assert suppressed(acme) == []

    def test_writes_addresses_as_it_likes(self, acme, sent, mail_feedback, owner_address):
        assert mail_feedback(came_back(acme, sent, owner_address.upper())) == []
        assert suppressed(acme) == [(owner_address, "bounced")]

    def test_ends_what_is_sent_there(self, acme, sent, mail_feedback, owner_address, notify, send_mails, mailer):
        mail_feedback(came_back(acme, sent, owner_address))
        notify(happened(acme, "endpoint_disabled", of=uuid4()))
        send_mails(acme)
        assert len(mailer.sent) == 1
        assert sorted(state for _, state in mails(acme)) == ["bounced", "suppressed"]


class TestComplaint:
    def test_suppresses_the_address(self, acme, sent, mail_feedback, owner_address):
        assert mail_feedback(came_back(acme, sent, owner_address, name="complained")) == []
        assert state_of(acme) == "complained"
        assert suppressed(acme) == [(owner_address, "complained")]

    @pytest.mark.parametrize("kind", [None, "abuse", "other"])
    def test_says_what_sort_it_is_or_nothing(self, acme, sent, mail_feedback, owner_address, kind):
        message = came_back(acme, sent, owner_address, name="complained")
        message["detail"]["complaint"]["complaintFeedbackType"] = kind
        mail_feedback(message)
        assert state_of(acme) == "complained"

    def test_that_it_was_no_spam_is_none(self, acme, sent, mail_feedback, owner_address):
        message = came_back(acme, sent, owner_address, name="complained")
        message["detail"]["complaint"]["complaintFeedbackType"] = "not-spam"
        assert mail_feedback(message) == []
        assert state_of(acme) == "sent"
        assert suppressed(acme) == []

    def test_is_the_last_word(self, acme, sent, mail_feedback, owner_address):
        messages = [came_back(acme, sent, owner_address, name=name) for name in ("complained", "bounced")]
        assert mail_feedback(*messages) == []
        assert state_of(acme) == "complained"


class TestTwice:
    def test_changes_nothing(self, acme, sent, mail_feedback, owner_address):
        message = came_back(acme, sent, owner_address)
        assert mail_feedback(message, message) == []
        asked = "select state, updated_at, xmin::text from app.emails where tenant_id = %(tenant_id)s"
        before = acme.execute(asked)
        assert mail_feedback(message) == []
        assert acme.execute(asked) == before
        assert suppressed(acme) == [(owner_address, "bounced")]


class TestForged:
    """Each names something that is not so; the control is the first test of each kind above."""

    def test_mail_of_another_tenant_suppresses_nobody(self, acme, globex, sent, mail_feedback, owner_address):
        """The mail is acme's, and the tag says globex."""
        assert mail_feedback(came_back(globex, sent, owner_address)) == []
        assert suppressed(acme) == suppressed(globex) == []
        assert state_of(acme) == "sent"

    def test_address_that_it_did_not_go_to_is_not_suppressed(self, acme, sent, mail_feedback):
        assert mail_feedback(came_back(acme, sent, "somebody.else@acme.test")) == []
        assert suppressed(acme) == []
        assert state_of(acme) == "sent"

    def test_mail_that_never_was_suppresses_nobody(self, acme, sent, mail_feedback, owner_address):
        assert mail_feedback(came_back(acme, uuid4(), owner_address)) == []
        assert suppressed(acme) == []

    def test_tenant_that_is_gone_is_done_with(self, acme, sent, mail_feedback, owner_address):
        acme.execute("delete from app.tenants where id = %(tenant_id)s")
        assert mail_feedback(came_back(acme, sent, owner_address)) == []

    @pytest.mark.parametrize(
        "tags", [{}, {"freehold_mail": ["x"]}, {"freehold_mail": []}, {"freehold_tenant": ["'--"]}]
    )
    def test_tags_are_not_read(self, acme, sent, mail_feedback, owner_address, tags):
        """It ends in the dead-letter queue, where somebody looks."""
        message = came_back(acme, sent, owner_address)
        message["detail"]["mail"]["tags"] = message["detail"]["mail"]["tags"] | tags if tags else {}
        assert mail_feedback(message) == [0]
        assert suppressed(acme) == []

    def test_what_we_did_not_ask_for_is_not_read(self, acme, mail_feedback):
        message = example("mail_feedback/bounced")
        message["detail"]["eventType"] = "Delivery"
        assert mail_feedback(message) == [0]
