"""From an invitation to its mail: the token is in the mail, and nowhere else."""

import re

import pytest

from local.companies import Company
from tests.email.mails import mails
from tests.functions.guests import expires, guest, invite

TOKEN = re.compile(r"https://app\.freehold\.test/invitations#(inv_[0-9A-Za-z]{22}_[0-9A-Za-z]{49})$", re.MULTILINE)


def announced(company: Company) -> list[dict]:
    """Its invitations' events, as the bus hands them over."""
    rows = company.execute(
        "select jsonb_build_object('id', id, 'type', type, 'version', version, 'tenant_id', tenant_id, 'subject_id',"
        " subject_id, 'occurred_at', occurred_at, 'request_id', request_id, 'data', data) from app.outbox"
        " where tenant_id = %(tenant_id)s and type in ('invitation.created', 'invitation.resent') order by id"
    )
    return [{"detail": event} for (event,) in rows]


def token_in(mail) -> str:
    [token] = TOKEN.findall(mail.text)
    assert f"/invitations#{token}" in mail.html
    return token


@pytest.fixture
def who(acme: Company):
    return guest(acme)


class TestMail:
    def test_brings_a_token_that_opens_the_invitation(self, acme: Company, who, notify, send_mails, mailer, capsys):
        invitation = invite(acme, who.email, "viewer")
        assert notify(*announced(acme)) == send_mails(acme) == []
        [mail] = mailer.sent
        assert (mail.to, mail.subject) == (who.email, "You are invited to Acme")
        assert who.accept(token_in(mail)).status == 200
        assert acme.call("GET", f"/v1/invitations/{invitation['id']}").json["sent_at"] is not None
        assert token_in(mail) not in capsys.readouterr().out

    def test_leaves_its_token_nowhere(self, acme: Company, who, notify, send_mails, mailer, catalog):
        invite(acme, who.email)
        notify(*announced(acme))
        send_mails(acme)
        who.accept(token_in(mailer.sent[0]))
        secret = token_in(mailer.sent[0]).rpartition("_")[2]
        for table in catalog.tables:
            if any(column.name == "tenant_id" for column in table.columns):
                rows = acme.execute(f"select to_jsonb(t)::text from {table.name} t where tenant_id = %(tenant_id)s")
                assert secret not in str(rows), table.name
        assert acme.execute("select token_hash from app.invitation_tokens where tenant_id = %(tenant_id)s"), (
            "the control"
        )

    def test_is_sent_once_for_an_event_that_comes_twice(self, acme: Company, who, notify, send_mails, mailer):
        invite(acme, who.email)
        events = announced(acme)
        notify(*events, *events)
        notify(*events)
        send_mails(acme)
        assert len(mailer.sent) == 1

    def test_is_in_the_language_of_the_invitation(self, acme: Company, who, notify, send_mails, mailer):
        acme.call("POST", "/v1/invitations", body={"email": who.email, "role": "viewer", "locale": "de-CH"})
        notify(*announced(acme))
        send_mails(acme)
        assert mailer.sent[0].subject == "Sie sind zu Acme eingeladen"
        assert token_in(mailer.sent[0])


class TestTriedAgain:
    def test_has_a_token_of_its_own_and_both_are_good(self, acme: Company, who, notify, send_mails, mailer):
        """The first attempt arrived, and its answer was lost."""
        invite(acme, who.email)
        notify(*announced(acme))
        lost = [TimeoutError("Read timeout")]

        def taken_but_not_answered(mail):
            if lost:
                mailer.sent.append(mail)
                raise lost.pop()

        mailer.instead = taken_but_not_answered
        send_mails(acme)
        send_mails(acme)
        first, second = (token_in(mail) for mail in mailer.sent)
        assert first != second
        assert who.accept(first).status == who.accept(second).status == 200


class TestEnded:
    @pytest.mark.parametrize("how", ["revoked", "expired"])
    def test_before_it_was_sent_is_not_sent(self, acme: Company, who, notify, send_mails, mailer, how):
        invitation = invite(acme, who.email)
        notify(*announced(acme))
        if how == "revoked":
            acme.call("DELETE", f"/v1/invitations/{invitation['id']}")
        else:
            expires(acme, invitation, "0")
        assert send_mails(acme) == []
        assert mailer.sent == []
        assert mails(acme) == [(who.email, "suppressed")]

    def test_before_it_was_written_is_not_written(self, acme: Company, who, notify):
        invitation = invite(acme, who.email)
        acme.call("DELETE", f"/v1/invitations/{invitation['id']}")
        notify(*announced(acme))
        assert mails(acme) == []


class TestResent:
    def test_ends_the_token_of_before(self, acme: Company, who, notify, send_mails, mailer):
        invitation = invite(acme, who.email)
        notify(*announced(acme))
        send_mails(acme)
        acme.call("POST", f"/v1/invitations/{invitation['id']}/resend")
        notify(*announced(acme))
        send_mails(acme)
        before, after = (token_in(mail) for mail in mailer.sent)
        assert who.accept(before).code == "invitation_gone"
        assert who.accept(after).status == 200
