"""Accepting an invitation, through the handler: who gets in, as what, and who does not."""

import time
from uuid import uuid4

import psycopg
import pytest

from freehold.ids import TenantId
from freehold.invitations.tokens import new_token
from local.companies import Company
from local.gateway import call
from tests.functions.guests import a_role, events, expires, guest, invite, joined, mailed, member_id


class TestAccept:
    def test_makes_a_member_of_what_was_invited(self, acme: Company):
        who = guest(acme)
        invitation = invite(acme, who.email.upper(), "viewer")
        answer = who.accept(mailed(acme, invitation))
        assert answer.status == 200
        assert answer.json["tenant_id"] == str(acme.id)
        shown = acme.call_as(who.person, "GET", f"/v1/members/{answer.json['member_id']}").json
        assert (shown["role"], shown["status"], shown["name"]) == ("viewer", "active", "A guest")
        assert [tenant["id"] for tenant in who.person.call("GET", "/v1/tenants").json["items"]] == [str(acme.id)]
        after = acme.call("GET", f"/v1/invitations/{invitation['id']}").json
        assert (after["status"], after["accepted_by"]) == ("accepted", answer.json["member_id"])
        assert events(acme) == ["invitation.created", "member.joined"]

    def test_gives_a_role_of_the_tenants_own(self, acme: Company):
        who, role = guest(acme), a_role(acme, "projects:read", "tenant:read")
        who.accept(mailed(acme, invite(acme, who.email, role)))
        assert acme.call_as(who.person, "GET", "/v1/projects").status == 200
        assert acme.call_as(who.person, "POST", "/v1/projects", body={"name": "x"}).code == "permission_denied"

    def test_again_answers_the_same_to_the_same_person_and_nothing_to_another(self, acme: Company):
        who, other = guest(acme), guest(acme)
        token = mailed(acme, invite(acme, who.email))
        first, again = who.accept(token), who.accept(token)
        assert (first.status, again.status, again.json) == (200, 200, first.json)
        assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
        same_address = guest(acme, email=who.email)
        assert {person.accept(token).code for person in (other, same_address)} == {"invitation_gone"}
        assert len(acme.call("GET", "/v1/members").json["items"]) == 2

    def test_of_an_expired_one_is_refused(self, acme: Company):
        who = guest(acme)
        invitation = invite(acme, who.email)
        token = mailed(acme, invitation)
        expires(acme, invitation, "0")
        assert (who.accept(token).status, who.accept(token).code) == (404, "invitation_gone")
        acme.call("POST", f"/v1/invitations/{invitation['id']}/resend")
        assert who.accept(mailed(acme, invitation)).status == 200, "the control"

    def test_of_a_revoked_one_is_refused(self, acme: Company):
        who = guest(acme)
        invitation = invite(acme, who.email)
        token = mailed(acme, invitation)
        assert acme.call("DELETE", f"/v1/invitations/{invitation['id']}").status == 204
        assert who.accept(token).code == "invitation_gone"

    @pytest.mark.parametrize(
        ("email", "claims"),
        [("other@guests.test", {}), (None, {"email_verified": False}), (None, {"email_verified": None})],
        ids=["another", "unverified", "not said to be verified"],
    )
    def test_with_another_address_is_refused(self, acme: Company, email, claims):
        address = f"{uuid4()}@guests.test"
        token = mailed(acme, invite(acme, address))
        answer = guest(acme, email=email or address, **claims).accept(token)
        assert (answer.status, answer.code) == (403, "invitation_for_another")
        assert guest(acme, email=address).accept(token).status == 200, "the control"

    @pytest.mark.parametrize("what", ["role = 'member'", "status = 'suspended'", "status = 'removed'"])
    def test_after_its_inviter_lost_the_power_to_invite_is_refused(self, acme: Company, what):
        who, admin = guest(acme), acme.member("admin")
        token = mailed(acme, invite(acme, who.email, "viewer", by=admin))
        acme.execute(f"update app.members set {what} where subject = %(s)s", s=admin.subject)
        assert (who.accept(token).status, who.accept(token).code) == (404, "invitation_gone")

    def test_after_its_inviter_lost_the_power_to_give_that_role_is_refused(self, acme: Company):
        who, second = guest(acme), acme.member("owner")
        invitation = invite(acme, who.email, "owner", by=second)
        acme.execute("update app.members set role = 'admin' where subject = %(s)s", s=second.subject)
        answer = who.accept(mailed(acme, invitation))
        assert (answer.status, answer.code) == (403, "exceeds_yours")
        acme.call("POST", f"/v1/invitations/{invitation['id']}/resend")
        assert who.accept(mailed(acme, invitation)).status == 200, "the control: an owner has sent it again"

    @pytest.mark.parametrize("status", ["suspended", "deprovisioned"])
    def test_brings_nobody_back_who_was_shut_out(self, acme: Company, status):
        who = joined(acme)
        acme.execute(
            "update app.members set status = %(s)s, email = 'other@guests.test' where subject = %(who)s",
            s=status,
            who=who.person.subject,
        )
        token = mailed(acme, invite(acme, who.email))
        assert (who.accept(token).status, who.accept(token).code) == (403, "not_a_member")

    def test_while_one_belongs_to_the_tenant_is_refused(self, acme: Company):
        who = joined(acme)
        other = guest(acme, subject=who.person.subject, email="other@guests.test")
        answer = other.accept(mailed(acme, invite(acme, other.email)))
        assert (answer.status, answer.code) == (409, "already_a_member")

    @pytest.mark.parametrize("damage", [lambda t: t[:-1], lambda t: t[:-1] + "!", lambda _: "", lambda t: t + "0"])
    def test_of_what_is_no_token_is_refused(self, acme: Company, damage):
        who = guest(acme)
        assert who.accept(damage(mailed(acme, invite(acme, who.email)))).code == "invitation_gone"

    def test_of_a_token_that_nobody_sent_is_refused(self, acme: Company, globex: Company):
        who = guest(acme)
        token = mailed(acme, invite(acme, who.email))
        assert who.accept(new_token(TenantId(acme.id)).text).code == "invitation_gone"
        elsewhere = "_".join(["inv", new_token(TenantId(globex.id)).text.split("_")[1], token.split("_")[2]])
        assert who.accept(elsewhere).code == "invitation_gone"

    def test_takes_a_person(self, acme: Company):
        token = mailed(acme, invite(acme, "ada@guests.test"))
        answer = call("POST", "/v1/invitations/accept", token=acme.key("tenant:read")["secret"], body={"token": token})
        assert answer.code == "person_required"

    def test_by_an_identity_of_another_tenants_provider_is_refused(self, acme: Company, globex: Company):
        """What a provider says that it has verified counts for nothing outside the tenant that runs it."""
        entrance = (
            "select * from app.accept_invitation(%(tenant_id)s, %(hash)s, %(issuer)s, 's', now(), %(e)s, 'n', 'r', '')"
        )
        token = new_token(TenantId(acme.id))
        acme.execute(
            "insert into app.invitation_tokens (token_hash, invitation_id) values (%(hash)s, %(i)s)",
            hash=token.hash,
            i=invite(acme, "ada@guests.test")["id"],
        )
        outside, inside = (f"sso:{company.id}:https://idp.test" for company in (globex, acme))
        with pytest.raises(Exception, match="invitation_for_another"):
            alone(acme, entrance, hash=token.hash, issuer=outside, e="ada@guests.test")
        assert alone(acme, entrance, hash=token.hash, issuer=inside, e="ada@guests.test")


def alone(company: Company, sql: str, **params: object) -> list[tuple]:
    """As an entrance is called: with no tenant entered."""
    with psycopg.connect(company.people.superuser) as connection:
        return connection.execute(sql.encode(), {"tenant_id": company.id, **params}).fetchall()


class TestComingBack:
    def test_takes_an_invitation_made_after_the_removal(self, acme: Company):
        who = joined(acme, "admin")
        before = invite(acme, "other@guests.test")
        old = mailed(acme, before)
        mine = member_id(acme, who.person)
        acme.call("DELETE", f"/v1/members/{mine}")
        time.sleep(1.1)  # a token says in whole seconds when it was issued
        elsewhere = guest(acme, subject=who.person.subject, email="other@guests.test")
        assert elsewhere.accept(old).code == "invitation_gone"
        back = guest(acme, subject=who.person.subject, email=who.email)
        token = mailed(acme, invite(acme, who.email, "viewer"))
        assert who.accept(token).code == "session_ended", "with a token of before"
        assert back.accept(token).json["member_id"] == mine
        assert acme.call_as(back.person, "GET", "/v1/members").status == 200
        assert acme.call_as(back.person, "POST", "/v1/projects", body={"name": "x"}).code == "permission_denied"
        assert guest(acme, email="other@guests.test").accept(old).status == 200, (
            "the control: the old one is still good"
        )

    def test_revives_nothing_that_was_granted_before(self, acme: Company):
        who = joined(acme, "guest")
        mine, project = member_id(acme, who.person), acme.project()["id"]
        acme.execute(
            "insert into app.grants (member_id, resource, resource_id, role, created_by)"
            " select %(who)s, 'projects', %(project)s, 'viewer', id from app.members"
            "  where tenant_id = %(tenant_id)s and role = 'owner'",
            who=mine,
            project=project,
        )
        assert acme.call_as(who.person, "GET", f"/v1/projects/{project}").status == 200
        acme.call("DELETE", f"/v1/members/{mine}")
        time.sleep(1.1)  # likewise
        back = guest(acme, subject=who.person.subject, email=who.email)
        assert back.accept(mailed(acme, invite(acme, who.email, "guest"))).status == 200
        assert acme.call_as(back.person, "GET", f"/v1/projects/{project}").status != 200

    def test_is_not_by_what_waited_when_they_left(self, acme: Company):
        who = joined(acme)
        acme.call_as(who.person, "POST", "/v1/members/me/leave")
        token = mailed(acme, invite(acme, who.email))
        acme.execute("update app.members set status = 'suspended' where subject = %(s)s", s=who.person.subject)
        acme.execute("update app.members set status = 'removed' where subject = %(s)s", s=who.person.subject)
        time.sleep(1.1)  # likewise
        again = guest(acme, subject=who.person.subject, email=who.email)
        assert again.accept(token).code == "invitation_gone", "the second removal took it back"
