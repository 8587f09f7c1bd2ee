"""/v1/members through its handler."""

from uuid import uuid4

from local.companies import Company


class TestList:
    def test_shows_each_member_as_reading_it_does_and_only_ours(self, acme: Company, globex: Company):
        acme.member("viewer")
        listed = acme.call("GET", "/v1/members").json["items"]
        assert [member["role"] for member in listed] == ["viewer", "owner"]
        assert [acme.call("GET", f"/v1/members/{member['id']}").json for member in listed] == listed


class TestRead:
    def test_the_neighbours_member_is_as_absent_as_none(self, acme: Company, globex: Company):
        [theirs] = globex.call("GET", "/v1/members").json["items"]
        answers = [acme.call("GET", f"/v1/members/{which}") for which in (theirs["id"], uuid4())]
        assert [answer.code for answer in answers] == ["not_found", "not_found"]
