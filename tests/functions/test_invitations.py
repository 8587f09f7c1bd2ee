"""/v1/invitations through its handler: who gets in, as what, and who does not."""

import time
from uuid import uuid4

import psycopg
import pytest

from freehold.ids import TenantId
from freehold.invitations.tokens import new_token
from local.companies import Company
from local.gateway import call
from tests.functions.guests import guest, invite, joined, mailed, member_id


def events(company: Company) -> list[str]:
    """What the company's outbox tells of members and invitations, in the order in which it happened."""
    rows = company.execute(
        "select type from app.outbox where tenant_id = %(tenant_id)s and type ~ '^(member|invitation|ownership)'"
        " order by id"
    )
    return [kind for (kind,) in rows]


class TestCreate:
    def test_shows_what_was_invited_and_no_token(self, acme: Company):
        made = acme.call("POST", "/v1/invitations", body={"email": "ada@guests.test", "role": "viewer"})
        assert made.status == 201
        assert (made.json["email"], made.json["role"], made.json["status"]) == ("ada@guests.test", "viewer", "pending")
        assert acme.call("GET", f"/v1/invitations/{made.json['id']}").json == made.json
        assert acme.call("GET", "/v1/invitations").json["items"] == [made.json]
        assert events(acme) == ["invitation.created"]
        assert "token" not in made.body

    def test_is_in_the_language_of_its_tenant_unless_it_names_one(self, acme: Company):
        acme.execute("update app.tenants set locale = 'de' where id = %(tenant_id)s")
        body = {"email": "bob@guests.test", "role": "viewer", "locale": "en-GB"}
        assert invite(acme, "ada@guests.test")["locale"] == "de"
        assert acme.call("POST", "/v1/invitations", body=body).json["locale"] == "en-GB"

    def test_of_an_address_with_a_pending_one_is_refused_in_any_letters(self, acme: Company):
        invite(acme, "ada@guests.test")
        again = acme.call("POST", "/v1/invitations", body={"email": "Ada@Guests.test", "role": "viewer"})
        assert (again.status, again.code) == (409, "already_exists")

    @pytest.mark.parametrize("status", ["active", "suspended", "deprovisioned"])
    def test_of_somebody_who_belongs_to_the_tenant_is_refused(self, acme: Company, status):
        who = joined(acme)
        acme.execute("update app.members set status = %(s)s where subject = %(who)s", s=status, who=who.person.subject)
        again = acme.call("POST", "/v1/invitations", body={"email": who.email.upper(), "role": "viewer"})
        assert (again.status, again.code) == (409, "already_a_member")

    def test_of_a_role_above_ones_own_is_refused(self, acme: Company):
        admin = acme.member("admin")
        body = {"email": "ada@guests.test", "role": "owner"}
        assert acme.call_as(admin, "POST", "/v1/invitations", body=body).code == "exceeds_yours"
        assert acme.call_as(admin, "POST", "/v1/invitations", body={**body, "role": "admin"}).status == 201

    def test_takes_the_permission(self, acme: Company):
        body = {"email": "ada@guests.test", "role": "viewer"}
        assert acme.call_as(acme.member("member"), "POST", "/v1/invitations", body=body).code == "permission_denied"

    def test_of_a_role_that_is_not_there_is_refused(self, acme: Company, globex: Company):
        theirs = a_role(globex)
        for role in (theirs, str(uuid4())):
            answer = acme.call("POST", "/v1/invitations", body={"email": "ada@guests.test", "role": role})
            assert (answer.status, answer.code) == (422, "reference_not_found")
        assert acme.call("POST", "/v1/invitations", body={"email": "a@b.test", "role": "king"}).status == 422

    @pytest.mark.parametrize("email", ["", "nobody", "a b@c.test", "a@b.test\nBcc: c@d.test", "a@b.test, c@d.test"])
    def test_of_what_is_no_address_is_refused(self, acme: Company, email):
        answer = acme.call("POST", "/v1/invitations", body={"email": email, "role": "viewer"})
        assert (answer.status, answer.code) == (422, "invalid_input")

    def test_the_neighbours_are_as_absent_as_none(self, acme: Company, globex: Company):
        theirs = invite(globex, "ada@guests.test")["id"]
        for which in (theirs, str(uuid4())):
            path = f"/v1/invitations/{which}"
            answers = [acme.call("GET", path), acme.call("POST", f"{path}/resend"), acme.call("DELETE", path)]
            assert {answer.code for answer in answers} == {"not_found"}
        assert acme.call("GET", "/v1/invitations").json["items"] == []


def a_role(company: Company, *held: str) -> str:
    """A role of the company's own."""
    [(role,)] = company.execute(
        "insert into app.roles (tenant_id, name, permissions) values (%(tenant_id)s, %(name)s, %(held)s) returning id",
        name=str(uuid4()),
        held=list(held),
    )
    return str(role)


class TestImport:
    def test_tells_of_each_in_its_order(self, acme: Company):
        present = joined(acme)
        pending = invite(acme, "pending@guests.test")
        emails = ["new@guests.test", "PENDING@guests.test", present.email.upper(), "New@guests.test", "z@guests.test"]
        answer = acme.call(
            "POST", "/v1/invitations/import", body={"items": [{"email": e, "role": "viewer"} for e in emails]}
        )
        items = answer.json["items"]
        assert [item["email"] for item in items] == emails
        assert [item["result"] for item in items] == [
            "invited",
            "already_invited",
            "already_a_member",
            "already_invited",
            "invited",
        ]
        assert (items[1]["invitation_id"], items[2]["invitation_id"]) == (pending["id"], None)
        assert items[3]["invitation_id"] == items[0]["invitation_id"]
        assert events(acme).count("invitation.created") == 4
        assert acme.call("GET", f"/v1/invitations/{items[4]['invitation_id']}").json["email"] == "z@guests.test"

    def test_of_one_role_above_ones_own_invites_nobody(self, acme: Company):
        items = [{"email": "a@guests.test", "role": "viewer"}, {"email": "b@guests.test", "role": "owner"}]
        answer = acme.call_as(acme.member("admin"), "POST", "/v1/invitations/import", body={"items": items})
        assert answer.code == "exceeds_yours"
        assert acme.call("GET", "/v1/invitations").json["items"] == []
        assert acme.call("POST", "/v1/invitations/import", body={"items": items}).status == 200, "the control"

    def test_takes_five_hundred_and_no_more(self, acme: Company):
        items = [{"email": f"a{number}@guests.test", "role": "guest"} for number in range(501)]
        assert acme.call("POST", "/v1/invitations/import", body={"items": items}).code == "invalid_input"
        answer = acme.call("POST", "/v1/invitations/import", body={"items": items[1:]})
        assert {item["result"] for item in answer.json["items"]} == {"invited"}
        assert len(answer.json["items"]) == 500

    def test_once_under_its_key(self, acme: Company):
        request = {
            "body": {"items": [{"email": "a@guests.test", "role": "viewer"}]},
            "headers": {"Idempotency-Key": "k"},
        }
        first, second = (acme.call("POST", "/v1/invitations/import", **request) for _ in range(2))
        assert first.json == second.json
        assert second.headers["idempotency-replayed"] == "true"


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
        acme.execute("update app.invitations set expires_at = now() where id = %(id)s", id=invitation["id"])
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


class TestResend:
    def test_ends_what_was_mailed_before_and_is_from_whoever_did_it(self, acme: Company):
        who, admin = guest(acme), acme.member("admin")
        invitation = invite(acme, who.email)
        before = [mailed(acme, invitation) for _ in range(2)]
        acme.execute(
            "update app.invitations set expires_at = now() + interval '1 hour' where id = %(i)s", i=invitation["id"]
        )
        renewed = acme.call_as(admin, "POST", f"/v1/invitations/{invitation['id']}/resend").json
        assert renewed["invited_by"] == member_id(acme, admin)
        assert renewed["expires_at"] > invitation["expires_at"]
        assert {who.accept(token).code for token in before} == {"invitation_gone"}
        assert who.accept(mailed(acme, invitation)).status == 200
        assert "invitation.resent" in events(acme)

    def test_of_a_role_above_ones_own_is_refused_and_ends_nothing(self, acme: Company):
        who = guest(acme)
        invitation = invite(acme, who.email, "owner")
        token = mailed(acme, invitation)
        answer = acme.call_as(acme.member("admin"), "POST", f"/v1/invitations/{invitation['id']}/resend")
        assert answer.code == "exceeds_yours"
        assert who.accept(token).status == 200

    def test_of_one_that_is_over_is_absent_and_leaves_it_to_who_accepted_it(self, acme: Company):
        who = guest(acme)
        invitation = invite(acme, who.email)
        token = mailed(acme, invitation)
        who.accept(token)
        assert acme.call("POST", f"/v1/invitations/{invitation['id']}/resend").status == 404
        assert acme.call("DELETE", f"/v1/invitations/{invitation['id']}").status == 404
        assert who.accept(token).status == 200


class TestRevoke:
    def test_lets_the_address_be_invited_anew(self, acme: Company):
        invitation = invite(acme, "ada@guests.test")
        acme.call("DELETE", f"/v1/invitations/{invitation['id']}")
        assert invite(acme, "ada@guests.test")["status"] == "pending"
        assert "invitation.revoked" in events(acme)
