"""What callers see over HTTP: what is left on each answer, and a refusal that says why and until when."""

import pytest

from local.companies import Company
from local.gateway import call
from tests.rates.conftest import Agree
from tests.wire import Wire


class TestHeaders:
    def test_each_answer_says_what_is_left(self, acme: Company, agree: Agree):
        agree(acme, read=(600, 60))
        first, second = (acme.call("GET", "/v1/tenant") for _ in range(2))
        assert first.headers["ratelimit-policy"] == '"read";q=600;w=60, "read-key";q=300;w=60'
        assert first.headers["ratelimit"].startswith('"read";r=599;t=1, "read-key";r=299;t=1')
        assert second.headers["ratelimit"].startswith('"read";r=598;')
        assert "retry-after" not in first.headers

    def test_also_one_of_a_lean_function(self, acme: Company, agree: Agree):
        agree(acme, ingest=(600, 60))
        answer = acme.call("POST", "/v1/usage/events", body={"id": "a", "meter": "api_calls"})
        assert answer.headers["ratelimit-policy"] == '"ingest";q=600;w=60'

    def test_also_a_refusal_of_another_kind(self, acme: Company, agree: Agree):
        agree(acme, read=(600, 60))
        missing = acme.call("GET", "/v1/projects/01900000-0000-7000-8000-000000000000")
        assert (missing.status, '"read";r=599' in missing.headers["ratelimit"]) == (404, True)

    def test_none_where_nothing_is_limited(self, acme: Company):
        answer = acme.call("GET", "/v1/tenant")
        assert not {"ratelimit", "ratelimit-policy"} & answer.headers.keys()

    def test_none_for_a_stranger(self, acme: Company, globex: Company, agree: Agree):
        agree(acme, read=(600, 60))
        acme.call("GET", "/v1/tenant")
        answer = acme.call_as(globex.owner, "GET", "/v1/tenant")
        assert (answer.status, "ratelimit" in answer.headers) == (403, False)


class TestRefusal:
    @pytest.mark.parametrize(
        ("rate_class", "method", "path"), [("read", "GET", "/v1/tenant"), ("write", "POST", "/v1/projects")]
    )
    def test_names_the_rule_and_the_time(self, acme: Company, agree: Agree, rate_class: str, method: str, path: str):
        override = agree(acme, **{rate_class: (2, 60)})
        body = {"name": "A project"} if method == "POST" else None
        answers = [acme.call(method, path, body=body) for _ in range(3)]
        refused = answers[-1]
        assert (answers[0].status < 300, refused.status, refused.code) == (True, 429, "rate_limited")
        own = "/key" if rate_class == "read" else ""
        assert refused.json["rule"] == f"override:{override}/rate:{rate_class}{own}"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert f'"{rate_class}{own.replace("/", "-")}";r=0' in refused.headers["ratelimit"]

    def test_a_directory_is_refused_in_its_own_words(self, acme: Company, agree: Agree):
        made = acme.call("POST", "/v1/scim-tokens", body={"name": "Okta", "default_role": "member"}).json
        agree(acme, directory=(1, 60))
        first, second = (call("GET", "/scim/v2/Users", token=made["secret"]) for _ in range(2))
        assert (first.status, second.status, second.json["status"]) == (200, 429, "429")
        assert second.headers["content-type"] == "application/scim+json"
        assert second.headers["retry-after"] == "60"

    def test_it_is_over_when_there_is_one_again(self, acme: Company, agree: Agree):
        agree(acme, write=(1, 60))
        assert [acme.call("POST", "/v1/projects", body={"name": "A"}).status for _ in range(2)] == [201, 429]
        acme.execute("update app.allowances set tokens = 1 where tenant_id = %(tenant_id)s")
        acme.execute("select pg_sleep(1.0)")
        assert acme.call("POST", "/v1/projects", body={"name": "B"}).status == 201

    def test_one_class_leaves_the_others_alone(self, acme: Company, globex: Company, agree: Agree):
        agree(acme, write=(1, 60))
        assert [acme.call("POST", "/v1/projects", body={"name": "A"}).status for _ in range(2)] == [201, 429]
        assert acme.call("GET", "/v1/projects").status == 200
        assert globex.call("POST", "/v1/projects", body={"name": "A"}).status == 201


class TestTrips:
    @pytest.mark.parametrize(
        ("method", "path", "trips"), [("GET", "/v1/tenant", 1), ("POST", "/v1/projects", 1), ("PATCH", "/v1/tenant", 2)]
    )
    def test_a_limited_tenant_makes_no_more_of_them(
        self, acme: Company, agree: Agree, wire: Wire, method: str, path: str, trips: int
    ):
        agree(acme, read=(600, 60), write=(600, 60))
        globex_is_warm = acme.people.company()
        globex_is_warm.call("GET", "/v1/tenant")
        details = {} if method == "GET" else {"body": {"name": "A name"}, "headers": {"If-Match": "*"}}
        with wire.counting() as counted:
            answers = [acme.call(method, path, **details) for _ in range(3)]
        assert all("ratelimit" in answer.headers for answer in answers)
        assert counted == [3 * trips]
