"""/v1/invitations through its handler: who is invited, as what, by whom, and until when."""

from uuid import uuid4

import pytest

from local.companies import Company
from tests.functions.guests import a_role, events, expires, guest, invite, joined, mailed, member_id


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


class TestResend:
    def test_ends_what_was_mailed_before_and_is_from_whoever_did_it(self, acme: Company):
        who, admin = guest(acme), acme.member("admin")
        invitation = invite(acme, who.email)
        before = [mailed(acme, invitation) for _ in range(2)]
        expires(acme, invitation, "1 hour")
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
