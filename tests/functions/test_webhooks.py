"""/v1/webhook-endpoints, /v1/webhook-deliveries and /v1/event-types through their handler."""

from typing import Any
from uuid import uuid4

import pytest

from local.companies import Company
from local.gateway import Answer, call

PATH = "/v1/webhook-endpoints"
URL = "https://hooks.example.com/freehold"


def make(company: Company, **different: Any) -> dict[str, Any]:
    answer = company.call("POST", PATH, body={"url": URL, "events": ["project.created"]} | different)
    assert answer.status == 201, answer
    return answer.json


def without_secret(endpoint: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in endpoint.items() if name != "secret"}


class TestCreate:
    def test_shows_the_secret_once(self, acme: Company):
        answer = acme.call("POST", PATH, body={"url": URL, "events": ["project.created"], "description": "CRM"})
        assert (answer.status, answer.headers["etag"]) == (201, '"1"')
        assert answer.json["secret"].startswith("whsec_")
        assert acme.call("GET", f"{PATH}/{answer.json['id']}").json == without_secret(answer.json)

    def test_a_repetition_answers_without_it_and_stores_it_nowhere(self, acme: Company):
        body, headers = {"url": URL, "events": ["*"]}, {"Idempotency-Key": "once"}
        first, second = (acme.call("POST", PATH, body=body, headers=headers) for _ in range(2))
        assert (second.headers["idempotency-replayed"], second.json["secret"]) == ("true", None)
        assert without_secret(first.json) == without_secret(second.json)
        kept = acme.execute(
            "select result::text from app.idempotency where tenant_id = %(tenant_id)s"
            " union all select change::text from app.audit where tenant_id = %(tenant_id)s"
            " union all select data::text from app.outbox where tenant_id = %(tenant_id)s"
        )
        assert kept
        assert not [text for (text,) in kept if first.json["secret"].removeprefix("whsec_") in text]

    def test_an_event_type_that_there_is_not_is_refused(self, acme: Company):
        for name in ("project.exploded", "webhook_endpoint.tested"):
            answer = acme.call("POST", PATH, body={"url": URL, "events": ["project.created", name]})
            assert (answer.status, answer.code) == (422, "invalid_input")
            assert name in answer.json["detail"]

    def test_nobody_subscribes_to_what_they_may_not_see(self, acme: Company):
        key = acme.key("webhooks:read", "webhooks:write", "projects:read")["secret"]
        types = {kind["name"] for kind in by_key(key, "GET", "/v1/event-types").json["items"]}
        assert "project.created" in types
        assert "api_key.created" not in types
        refused = by_key(key, "POST", PATH, body={"url": URL, "events": ["api_key.created"]})
        assert (refused.status, refused.code) == (403, "events_exceed_yours")
        assert by_key(key, "POST", PATH, body={"url": URL, "events": ["project.created"]}).status == 201
        assert make(acme, events=["api_key.created"])

    @pytest.mark.parametrize("role", ["member", "viewer"])
    def test_whoever_is_no_admin_may_not(self, acme: Company, role: str):
        answer = acme.call_as(acme.member(role), "POST", PATH, body={"url": URL, "events": ["*"]})
        assert (answer.status, answer.json["permission"]) == (403, "webhooks:write")

    def test_the_port_is_the_one_that_leaves_our_network(self, acme: Company):
        refused = acme.call("POST", PATH, body={"url": "https://example.com:8443/hook", "events": ["*"]})
        assert (refused.status, refused.json["errors"][0]["field"]) == (422, "body.url")
        assert acme.call("POST", PATH, body={"url": "https://example.com:443/hook", "events": ["*"]}).status == 201

    def test_a_tenant_has_no_more_than_twenty(self, acme: Company, globex: Company):
        for _ in range(20):
            make(acme)
        answer = acme.call("POST", PATH, body={"url": URL, "events": ["*"]})
        assert (answer.status, answer.code) == (409, "too_many_endpoints")
        assert make(globex)
        acme.execute("insert into app.webhook_quotas (endpoints) values (21)")
        assert make(acme)
        assert acme.call("POST", PATH, body={"url": URL, "events": ["*"]}).status == 409

    @pytest.mark.parametrize("field", ["id", "tenant_id", "state", "secret", "permissions"])
    def test_what_only_we_set_is_refused(self, acme: Company, field: str):
        answer = acme.call("POST", PATH, body={"url": URL, "events": ["*"], field: "active"})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, f"body.{field}")


def by_key(secret: str, method: str, path: str, **request: Any) -> Answer:
    return call(method, path, token=secret, **request)


class TestList:
    def test_shows_each_as_reading_it_does_newest_first(self, acme: Company, globex: Company):
        mine = [make(acme)["id"] for _ in range(3)]
        make(globex)
        listed = acme.call("GET", PATH).json["items"]
        assert [endpoint["id"] for endpoint in listed] == mine[::-1]
        assert listed[0] == acme.call("GET", f"{PATH}/{mine[-1]}").json


class TestChange:
    def test_changes_what_is_sent_and_keeps_the_rest(self, acme: Company):
        endpoint = make(acme)
        answer = acme.call("PATCH", f"{PATH}/{endpoint['id']}", body={"events": ["*"]}, headers={"If-Match": '"1"'})
        assert (answer.json["url"], answer.json["events"], answer.headers["etag"]) == (URL, ["*"], '"2"')

    def test_a_stale_version_is_refused(self, acme: Company):
        path = f"{PATH}/{make(acme)['id']}"
        acme.call("PATCH", path, body={"description": "First"}, headers={"If-Match": '"1"'})
        answer = acme.call("PATCH", path, body={"description": "Second"}, headers={"If-Match": '"1"'})
        assert (answer.status, acme.call("GET", path).json["description"]) == (412, "First")

    def test_what_changes_nothing_counts_no_version(self, acme: Company):
        path = f"{PATH}/{make(acme)['id']}"
        answer = acme.call("PATCH", path, body={"url": URL}, headers={"If-Match": '"1"'})
        assert (answer.status, answer.headers["etag"]) == (200, '"1"')

    def test_who_may_not_see_the_events_may_change_all_but_them(self, acme: Company):
        path = f"{PATH}/{make(acme, events=['project.created', 'api_key.created'])['id']}"
        key = acme.key("webhooks:write", "projects:read")["secret"]
        any_version = {"headers": {"If-Match": "*"}}
        assert by_key(key, "PATCH", path, body={"description": "Ours"}, **any_version).status == 200
        refused = by_key(key, "PATCH", path, body={"events": ["api_key.created"]}, **any_version)
        assert (refused.status, refused.code) == (403, "events_exceed_yours")
        assert by_key(key, "PATCH", path, body={"events": ["project.created"]}, **any_version).status == 200


class TestWhatOneMayNotSee:
    """An endpoint is somebody's who may see more than the key that handles it."""

    @pytest.fixture
    def small(self, acme: Company) -> str:
        return acme.key("webhooks:read", "webhooks:write", "projects:read")["secret"]

    @pytest.mark.parametrize(
        ("events", "status"), [(["*"], 403), (["api_key.created"], 403), (["project.created"], 200)]
    )
    def test_is_sent_nowhere_else_by_them(self, acme: Company, small: str, events: list[str], status: int):
        endpoint = make(acme, events=events)
        answer = by_key(
            small, "PATCH", f"{PATH}/{endpoint['id']}", body={"url": f"{URL}/stolen"}, headers={"If-Match": "*"}
        )
        assert (answer.status, answer.code) == (status, "events_exceed_yours" if status == 403 else "")
        shown = acme.call("GET", f"{PATH}/{endpoint['id']}").json["url"]
        assert (shown == URL) is (status == 403)

    @pytest.mark.parametrize(("events", "status"), [(["*"], 403), (["project.created"], 200)])
    def test_has_no_secret_that_they_know(self, acme: Company, small: str, events: list[str], status: int):
        endpoint = make(acme, events=events)
        assert by_key(small, "POST", f"{PATH}/{endpoint['id']}/rotate-secret", body={}).status == status

    @pytest.mark.parametrize(("event_type", "status"), [("api_key.created", 404), ("project.created", 200)])
    def test_is_not_read_in_the_log(self, acme: Company, small: str, event_type: str, status: int):
        endpoint = make(acme)
        [(delivery,)] = acme.execute(
            "insert into app.deliveries (endpoint_id, event_id, event_type, body) values"
            " (%(endpoint)s, uuidv7(), %(type)s, '{}') returning id::text",
            endpoint=endpoint["id"],
            type=event_type,
        )
        path = f"/v1/webhook-deliveries/{delivery}"
        assert acme.call("GET", path).status == 200
        assert by_key(small, "GET", path).status == status
        assert by_key(small, "POST", f"{path}/replay").status == (201 if status == 200 else 404)
        assert len(by_key(small, "GET", "/v1/webhook-deliveries").json["items"]) == (2 if status == 200 else 0)


class TestRotate:
    def test_shows_the_new_secret_and_how_long_both_sign(self, acme: Company):
        endpoint = make(acme)
        path = f"{PATH}/{endpoint['id']}/rotate-secret"
        answer = acme.call("POST", path, body={"overlap_hours": 2})
        assert answer.status == 200
        assert answer.json["secret"] not in (None, endpoint["secret"])
        assert answer.json["previous_secret_until"] is not None
        at_once = acme.call("POST", path, body={"overlap_hours": 0})
        assert at_once.json["previous_secret_until"] is None

    def test_a_repetition_answers_without_it(self, acme: Company):
        path, headers = f"{PATH}/{make(acme)['id']}/rotate-secret", {"Idempotency-Key": "once"}
        first, second = (acme.call("POST", path, body={}, headers=headers) for _ in range(2))
        assert (first.json["version"], second.json["version"], second.json["secret"]) == (2, 2, None)

    @pytest.mark.parametrize("hours", [-1, 169])
    def test_an_overlap_is_a_week_at_most(self, acme: Company, hours: int):
        path = f"{PATH}/{make(acme)['id']}/rotate-secret"
        assert acme.call("POST", path, body={"overlap_hours": hours}).status == 422


class TestEnable:
    def test_takes_the_reason_away_and_twice_is_once(self, acme: Company):
        endpoint = make(acme)
        acme.execute(
            "update app.webhook_endpoints set state = 'disabled', disabled_reason = 'gone', disabled_at = now()"
            " where tenant_id = %(tenant_id)s"
        )
        first, second = (acme.call("POST", f"{PATH}/{endpoint['id']}/enable") for _ in range(2))
        assert first.json == second.json
        assert (first.json["state"], first.json["disabled_reason"], first.json["version"]) == ("active", None, 2)


class TestTest:
    def test_makes_a_delivery_that_waits(self, acme: Company):
        endpoint = make(acme)
        answer = acme.call("POST", f"{PATH}/{endpoint['id']}/test")
        assert (answer.status, answer.json["state"], answer.json["attempts"]) == (201, "pending", 0)
        assert answer.json["event_type"] == "webhook_endpoint.tested"
        shown = acme.call("GET", f"/v1/webhook-deliveries/{answer.json['id']}").json
        assert shown["attempt_log"] == []
        assert f'"id":"{answer.json["event_id"]}"' in shown["body"]

    def test_has_its_job(self, acme: Company):
        endpoint = make(acme)
        delivery = acme.call("POST", f"{PATH}/{endpoint['id']}/test").json
        jobs = acme.execute("select kind, lane::text, input, state from app.jobs where tenant_id = %(tenant_id)s")
        assert jobs == [("webhooks.deliver", None, {"delivery_id": delivery["id"]}, "waiting")], "in nobody's lane"


class TestReplay:
    def test_answers_with_one_job(self, acme: Company):
        path = f"{PATH}/{make(acme)['id']}/replay"
        answer = acme.call("POST", path, body={"since": "2026-01-01T00:00:00Z"})
        assert (answer.status, answer.json["kind"], answer.json["job_class"]) == (202, "webhooks.replay", "standard")

    def test_of_one_endpoint_is_one_at_a_time(self, acme: Company):
        path, other = (f"{PATH}/{make(acme)['id']}/replay" for _ in range(2))
        body = {"since": "2026-01-01T00:00:00Z"}
        assert [acme.call("POST", path, body=body).status for path in (path, path, other)] == [202, 429, 202]
        acme.execute(
            "update app.jobs set state = 'succeeded', finished_at = now()"
            " where tenant_id = %(tenant_id)s and kind = 'webhooks.replay'"
        )
        assert acme.call("POST", path, body=body).status == 202

    def test_is_a_job_of_the_backlog(self, acme: Company):
        path = f"{PATH}/{make(acme)['id']}/replay"
        acme.execute("insert into app.job_quotas (job_class, backlog) values ('standard', 0)")
        assert acme.call("POST", path, body={"since": "2026-01-01T00:00:00Z"}).code == "backlog_full"

    def test_a_time_without_length_is_refused(self, acme: Company):
        path = f"{PATH}/{make(acme)['id']}/replay"
        body = {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
        assert acme.call("POST", path, body=body).status == 422
        assert acme.call("POST", path, body={"since": "2999-01-01T00:00:00Z"}).status == 422


class TestDeliveries:
    def test_are_listed_by_endpoint_and_state(self, acme: Company):
        first, second = make(acme)["id"], make(acme)["id"]
        made = {which: acme.call("POST", f"{PATH}/{which}/test").json["id"] for which in (first, second)}
        acme.execute(
            "update app.deliveries set state = 'failed', finished_at = now() where id = %(id)s", id=made[second]
        )

        def listed(**query: str) -> list[str]:
            page = acme.call("GET", "/v1/webhook-deliveries", query=query).json
            return [delivery["id"] for delivery in page["items"]]

        assert listed() == [made[second], made[first]]
        assert listed(endpoint_id=first) == [made[first]]
        assert listed(state="failed") == [made[second]]
        assert listed(endpoint_id=first, state="failed") == []

    def test_are_shown_in_a_list_as_reading_shows_them(self, acme: Company):
        delivery = acme.call("POST", f"{PATH}/{make(acme)['id']}/test").json
        [listed] = acme.call("GET", "/v1/webhook-deliveries").json["items"]
        shown = acme.call("GET", f"/v1/webhook-deliveries/{delivery['id']}").json
        assert listed == delivery == {name: shown[name] for name in listed}

    def test_can_be_sent_again_word_for_word(self, acme: Company):
        delivery = acme.call("POST", f"{PATH}/{make(acme)['id']}/test").json
        again = acme.call("POST", f"/v1/webhook-deliveries/{delivery['id']}/replay")
        assert (again.status, again.json["event_id"]) == (201, delivery["event_id"])
        bodies = acme.execute("select distinct body from app.deliveries where tenant_id = %(tenant_id)s")
        assert (again.json["id"] != delivery["id"], len(bodies)) == (True, 1)

    def test_stay_when_their_endpoint_goes_and_cannot_be_sent_again(self, acme: Company):
        endpoint = make(acme)
        delivery = acme.call("POST", f"{PATH}/{endpoint['id']}/test").json
        assert acme.call("DELETE", f"{PATH}/{endpoint['id']}").status == 204
        assert acme.call("GET", f"/v1/webhook-deliveries/{delivery['id']}").status == 200
        assert acme.call("POST", f"/v1/webhook-deliveries/{delivery['id']}/replay").status == 404


class TestTheNeighbours:
    REQUESTS = (
        ("GET", "", None),
        ("PATCH", "", {"description": "Mine"}),
        ("DELETE", "", None),
        ("POST", "/rotate-secret", {}),
        ("POST", "/enable", None),
        ("POST", "/test", None),
        ("POST", "/replay", {"since": "2026-01-01T00:00:00Z"}),
    )

    @pytest.mark.parametrize(("method", "below", "body"), REQUESTS)
    def test_endpoint_is_as_absent_as_none(self, acme: Company, globex: Company, method: str, below: str, body: Any):
        theirs = make(globex)
        answers = [
            acme.call(method, f"{PATH}/{which}{below}", body=body, headers={"If-Match": "*"})
            for which in (theirs["id"], uuid4())
        ]
        bodies = [{**answer.json, "request_id": None} for answer in answers]
        assert [answer.status for answer in answers] == [404, 404]
        assert bodies[0] == bodies[1]
        assert globex.call("GET", f"{PATH}/{theirs['id']}").json == without_secret(theirs)
        assert globex.execute("select 1 from app.jobs where tenant_id = %(tenant_id)s") == []
        control = globex.call(method, f"{PATH}/{theirs['id']}{below}", body=body, headers={"If-Match": "*"})
        assert control.status < 300

    @pytest.mark.parametrize(("method", "below"), [("GET", ""), ("POST", "/replay")])
    def test_delivery_is_as_absent_as_none(self, acme: Company, globex: Company, method: str, below: str):
        theirs = globex.call("POST", f"{PATH}/{make(globex)['id']}/test").json["id"]
        answers = [acme.call(method, f"/v1/webhook-deliveries/{which}{below}") for which in (theirs, uuid4())]
        assert [answer.status for answer in answers] == [404, 404]
        assert globex.call(method, f"/v1/webhook-deliveries/{theirs}{below}").status < 300

    def test_deliveries_are_never_listed(self, acme: Company, globex: Company):
        endpoint = make(globex)["id"]
        globex.call("POST", f"{PATH}/{endpoint}/test")
        for query in ({}, {"endpoint_id": endpoint}):
            assert acme.call("GET", "/v1/webhook-deliveries", query=query).json["items"] == []
        assert len(globex.call("GET", "/v1/webhook-deliveries", query={"endpoint_id": endpoint}).json["items"]) == 1


class TestEventTypes:
    def test_shows_each_that_can_be_chosen_with_an_example(self, acme: Company):
        shown = {kind["name"]: kind for kind in acme.call("GET", "/v1/event-types").json["items"]}
        assert shown["project.created"]["permission"] == "projects:read"
        assert shown["project.created"]["example"]["type"] == "project.created"
        assert "tenant.created" not in shown
        assert "webhook_endpoint.tested" not in shown

    def test_a_member_may_not(self, acme: Company):
        assert acme.call_as(acme.member("member"), "GET", "/v1/event-types").status == 403
