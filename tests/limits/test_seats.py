"""Every way of taking a seat ends at the last one, and whoever is refused hears what they can do."""

import psycopg
import pytest

from local.companies import Company, People
from tests.functions.guests import guest, invite, joined, mailed, member_id
from tests.functions.test_scim import ERROR, IN, JOHN, OUT, Scim, user
from tests.limits.conftest import Publish, active
from tests.sso.conftest import Tenant

ANY = {"If-Match": "*"}


class TestTheLastSeat:
    def test_is_taken_by_an_invitation_and_the_next_is_told_to_ask(self, acme: Company, publish: Publish):
        publish(seats=2)
        guests = [guest(acme) for _ in range(2)]
        tokens = [mailed(acme, invite(acme, each.email)) for each in guests]  # one more than there are seats for
        assert guests[0].accept(tokens[0]).status == 200
        refused = guests[1].accept(tokens[1])
        assert (refused.status, refused.code, refused.json["limit"]) == (402, "limit_reached", "seats")
        assert "Ask one of its admins" in refused.json["detail"]
        assert not {"most", "used", "lifts"} & refused.json.keys(), "what a tenant has is nothing for strangers"
        assert refused.json["rule"] == "limit:seats", "nor which plan it has"
        assert active(acme) == 2
        acme.call("DELETE", f"/v1/members/{member_id(acme, guests[0].person)}", headers=ANY)
        assert guests[1].accept(tokens[1]).status == 200, "the invitation is as good as before"

    def test_is_not_for_one_who_comes_back(self, acme: Company, publish: Publish):
        who = joined(acme)
        acme.execute("update app.members set status = 'removed' where subject = %(s)s", s=who.person.subject)
        publish(seats=1)
        token = mailed(acme, invite(acme, who.email))
        again = guest(acme, subject=who.person.subject, email=who.email)
        assert again.accept(token).code == "limit_reached"
        publish(seats=2)
        assert again.accept(token).status == 200

    def test_is_not_for_one_whom_an_admin_lets_in_again(self, acme: Company, publish: Publish):
        path = f"/v1/members/{member_id(acme, joined(acme).person)}"
        assert acme.call("POST", f"{path}/suspend", headers=ANY).status == 200
        publish(seats=1)
        refused = acme.call("POST", f"{path}/reactivate", headers=ANY)
        assert (refused.status, refused.code, refused.json["used"]) == (402, "limit_reached", 1)
        assert refused.json["rule"] == "fallback:free", "who is in is told what the tenant has"
        publish(seats=2)
        assert acme.call("POST", f"{path}/reactivate", headers=ANY).status == 200

    def test_is_taken_by_a_directory_and_the_next_is_refused_in_its_dialect(
        self, acme: Company, scim: Scim, publish: Publish
    ):
        publish(seats=2)
        first = user(scim)
        refused = scim("POST", "/Users", {**JOHN, "userName": "eve@acme.test", "emails": [{"value": "eve@acme.test"}]})
        assert (refused.status, refused.json["schemas"], refused.json["status"]) == (403, [ERROR], "403")
        assert "2 seats" in refused.json["detail"]
        away = {**JOHN, "userName": "eve@acme.test", "emails": [{"value": "eve@acme.test"}], "active": False}
        second = scim("POST", "/Users", away)
        assert second.status == 201, "whoever is not active takes no seat"
        path = f"/Users/{second.json['id']}"
        assert scim("PATCH", path, IN).status == 403
        assert scim("PATCH", f"/Users/{first}", OUT).status == 200
        assert scim("PATCH", path, IN).status == 200
        assert active(acme) == 2

    def test_is_taken_by_a_sign_in_and_the_next_is_told_to_ask(self, tenant: Tenant, publish: Publish):
        publish(seats=2)
        first, second = tenant.employee(), tenant.employee()
        assert first.call("POST", "/v1/sign-ins").status == 200
        refused = second.call("POST", "/v1/sign-ins")
        assert (refused.status, refused.code) == (402, "limit_reached")
        assert "Ask one of its admins" in refused.json["detail"]
        assert refused.json["rule"] == "limit:seats"
        assert first.call("POST", "/v1/sign-ins").status == 200, "who is in already takes none"

    def test_is_refused_to_whatever_else_writes(self, acme: Company, publish: Publish):
        publish(seats=1)
        with pytest.raises(psycopg.Error, match="limit_reached"):
            acme.member("viewer")


class TestEverybody:
    def test_who_signs_up_is_let_in_by_a_plan_with_one_seat(self, people: People, publish: Publish):
        publish(seats=1)
        assert active(people.company("New")) == 1

    def test_who_is_in_stays_and_is_changed_after_a_downgrade(self, acme: Company, publish: Publish):
        path = f"/v1/members/{member_id(acme, joined(acme).person)}"
        publish(seats=1)
        assert acme.call("PATCH", path, body={"role": "viewer"}, headers=ANY).status == 200
        assert acme.call("POST", f"{path}/suspend", headers=ANY).status == 200
        assert active(acme) == 1

    def test_may_be_invited_without_a_seat(self, acme: Company, publish: Publish):
        publish(seats=1)
        assert acme.call("POST", "/v1/invitations", body={"email": "ada@guests.test", "role": "viewer"}).status == 201
