"""One delivery: what is sent, what is remembered, and when it is tried again."""

import json
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from freehold import clock
from freehold.jobs.models import JobClass
from freehold.webhooks.deliver import SCHEDULE, deliveries
from freehold.webhooks.egress import Egress
from tests.webhooks.certificates import Authority
from tests.webhooks.listeners import Listener, answering
from tests.webhooks.office import DELIVERIES, ENDPOINTS, Office, heard


def attempts(office: Office, delivery: str) -> list[dict]:
    return office.delivery(delivery)["attempt_log"]


class TestSending:
    def test_arrives_signed_as_the_stock_verifier_wants_it(self, office: Office):
        with Listener(answering("204 No Content")) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            event = office.happen()
            assert office.run() == ["succeeded"]
        [request] = heard(receiver)
        assert Webhook(endpoint["secret"]).verify(request.body, request.headers) == event.model_dump(mode="json")
        assert request.event_id == event.id

    def test_arrives_over_tls_where_the_certificate_is_good(self, office: Office, tmp_path: Path):
        authority = Authority.new(tmp_path)
        with Listener(answering(), tls=authority.server("localhost")) as receiver:
            office.egress = Egress(listeners={f"localhost:{receiver.port}"}, tls=authority.trusting)
            endpoint = office.endpoint(f"https://localhost:{receiver.port}/hook")
            office.happen()
            assert office.run() == ["succeeded"]
            office.egress = Egress(listeners={f"localhost:{receiver.port}"})
            office.happen()
            assert office.run() == ["again"]
        assert Webhook(endpoint["secret"]).verify(heard(receiver)[0].body, heard(receiver)[0].headers)
        assert "certificate" in office.listed()[0]["last_error"]

    def test_a_success_is_remembered_and_its_job_is_gone(self, office: Office):
        with Listener(answering("200 OK", "Server: theirs", "Set-Cookie: a=b", body=b"thanks")) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            office.run()
        [delivery] = office.listed()
        assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("succeeded", 1, 200)
        assert (delivery["next_attempt_at"], delivery["finished_at"] is None) == (None, False)
        [attempt] = attempts(office, delivery["id"])
        assert (attempt["status"], attempt["response_excerpt"], attempt["error"]) == (200, "thanks", None)
        assert attempt["response_headers"] == {"server": "theirs"}
        assert office.due() == []

    def test_nothing_secret_is_logged(self, office: Office):
        with Listener(answering()) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            office.happen()
            office.run()
        signature = heard(receiver)[0].headers["webhook-signature"].removeprefix("v1,")
        [(logged,)] = office.execute("select a::text from app.delivery_attempts a where tenant_id = %(tenant_id)s")
        assert str(office.listed()[0]["event_id"]) in logged
        assert signature not in logged
        assert endpoint["secret"] not in logged

    def test_is_done_once_however_often_it_is_handed_over(self, office: Office):
        with Listener(answering()) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            office.run()
            [delivery] = office.listed()
            again = {"delivery_id": delivery["id"]}
            office.execute(
                "insert into app.jobs (kind, job_class, state, input, attempts)"
                " values ('webhooks.deliver', 'deliveries', 'waiting', %(input)s, 20)",
                input=json.dumps(again),
            )
            assert office.run() == ["succeeded"]
        assert receiver.connections == 1

    def test_what_the_database_writes_into_a_job_is_the_kinds_own(self, office: Office):
        kind = deliveries(Egress())
        office.endpoint()
        office.happen()
        asked = "select kind, job_class, attempts from app.jobs where tenant_id = %(tenant_id)s"
        assert office.execute(asked) == [(kind.name, kind.job_class, kind.attempts)]


class TestRetrying:
    @pytest.mark.parametrize("status", ["500 Internal Server Error", "404 Not Found", "302 Found", "103 Early Hints"])
    def test_whatever_is_no_success_is_tried_again(self, office: Office, status: str):
        with Listener(answering(status, "Location: https://example.com/")) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            assert office.run() == ["again"]
        [delivery] = office.listed()
        assert (delivery["state"], delivery["attempts"]) == ("pending", 1)
        assert receiver.connections == 1

    def test_the_same_bytes_under_the_same_id_signed_anew(self, office: Office):
        with Listener(answering("500 Oh")) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            office.happen()
            office.run()
            office.tenant.call("PATCH", f"/v1/projects/{office.events(type='project.created')[0].subject_id}",
                               body={"name": "Another"}, headers={"If-Match": "*"})  # fmt: skip
            office.later(minutes=1)
            office.run()
        first, second = heard(receiver)
        assert (first.body, first.event_id) == (second.body, second.event_id)
        for request in (first, second):
            assert Webhook(endpoint["secret"]).verify(request.body, request.headers)

    def test_at_the_times_of_the_schedule_and_then_no_more(self, office: Office):
        with Listener(answering("500 Oh")) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            for number, usual in enumerate(SCHEDULE, start=1):
                office.execute("delete from app.webhook_failures where tenant_id = %(tenant_id)s")
                assert office.run() == ["again"]
                [due], [delivery] = office.due(), office.listed()
                assert 0.89 < due / usual.total_seconds() < 1.11
                assert delivery["attempts"] == number
                assert office.run() == [], "not before it is due"
                office.later(seconds=due + 1)
            assert office.run() == ["succeeded"], "the job's part is over"
        [delivery] = office.listed()
        assert (delivery["state"], delivery["attempts"], delivery["next_attempt_at"]) == ("failed", 10, None)
        assert len(attempts(office, delivery["id"])) == receiver.connections == 10
        assert office.due() == []

    def test_when_the_next_attempt_is_due_is_shown(self, office: Office):
        with Listener(answering("500 Oh")) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            office.run()
        [(apart,)] = office.execute(
            "select abs(extract(epoch from d.next_attempt_at - j.due_at))::float8 from app.deliveries d, app.jobs j"
            " where d.tenant_id = %(tenant_id)s and j.tenant_id = %(tenant_id)s"
        )
        assert apart < 0.001

    def test_one_that_failed_can_be_sent_again_with_all_its_attempts(self, office: Office):
        with Listener(answering()) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            [delivery] = office.listed()
            office.execute(
                "update app.deliveries set state = 'failed', finished_at = now() where tenant_id = %(tenant_id)s"
            )
            office.run()
            assert receiver.connections == 0
            office.tenant.call("POST", f"{DELIVERIES}/{delivery['id']}/replay")
            assert office.run() == ["succeeded"]
        assert str(heard(receiver)[0].event_id) == delivery["event_id"]

    def test_an_attempt_whose_worker_lost_the_job_is_not_counted_and_happens_again(self, office: Office):
        def steal(connection) -> None:
            office.execute("update app.jobs set token = gen_random_uuid() where tenant_id = %(tenant_id)s")
            answering()(connection)

        with Listener(steal) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            assert office.run() == ["lease_lost"]
            [delivery] = office.listed()
            assert (delivery["state"], delivery["attempts"], attempts(office, delivery["id"])) == ("pending", 0, [])


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("status", "said", "least", "most"),
        [
            ("429 Too Many Requests", "600", 600, 601),
            ("503 Service Unavailable", "600", 600, 601),
            ("429 Too Many Requests", "99999999", 86_400, 86_401),
            ("429 Too Many Requests", "1", 3.0, 5.6),
            ("429 Too Many Requests", "-5", 3.0, 5.6),
            ("429 Too Many Requests", "soon", 3.0, 5.6),
            ("429 Too Many Requests", "\u0662", 3.0, 5.6),
            ("429 Too Many Requests", "9" * 400, 4.4, 86_401),
            ("500 Internal Server Error", "600", 3.0, 5.6),
        ],
    )
    def test_is_waited_for_up_to_a_day(self, office: Office, status: str, said: str, least: float, most: float):
        with Listener(answering(status, f"Retry-After: {said}")) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            assert office.run() == ["again"]
        assert least - 1 < office.due()[0] < most

    def test_may_be_a_moment(self, office: Office):
        moment = format_datetime(clock.now() + timedelta(minutes=10), usegmt=True)
        with Listener(answering("503 Later", f"Retry-After: {moment}")) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            office.run()
        assert 590 < office.due()[0] < 610

    def test_holds_for_everything_that_goes_there(self, office: Office):
        with Listener(answering("429 Slowly", "Retry-After: 600")) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            office.happen()
            office.run()
            office.happen()
            assert office.run() == []
        assert office.read(endpoint)["paused_until"] is not None
        assert min(office.due()) > 590


class TestDisabling:
    def test_410_ends_it_at_once_and_says_so(self, office: Office):
        with Listener(answering("410 Gone")) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            office.happen()
            assert office.run() == ["succeeded"]
        shown = office.read(endpoint)
        assert (shown["state"], shown["disabled_reason"], shown["version"]) == ("disabled", "gone", 2)
        [told] = office.events(type="webhook_endpoint.disabled")
        assert {name: told.data[name] for name in ("id", "state")} == {"id": endpoint["id"], "state": "disabled"}
        assert "secret" not in told.data
        assert office.listed()[0]["state"] == "failed"

    def test_what_waited_for_it_is_not_attempted_and_has_failed(self, office: Office):
        with Listener(answering("410 Gone")) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            office.happen()
            office.run()
        assert receiver.connections == 1
        assert [delivery["last_error"] for delivery in office.listed()] == ["The endpoint is disabled.", None]
        assert {delivery["state"] for delivery in office.listed()} == {"failed"}

    def test_after_five_days_without_one_success(self, office: Office):
        with Listener(answering("500 Oh")) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            office.happen()
            office.run()
            office.later(days=4, hours=23)
            office.run()
            assert office.read(endpoint)["state"] == "active"
            office.later(hours=2)
            office.run()
        shown = office.read(endpoint)
        assert (shown["state"], shown["disabled_reason"], shown["failing_since"]) == ("disabled", "failing", None)
        assert len(office.events(type="webhook_endpoint.disabled")) == 1

    def test_one_success_within_them_begins_the_count_anew(self, office: Office):
        with Listener(answering("500 Oh")) as dead, Listener(answering()) as living:
            office.reaching(dead, living)
            endpoint = office.endpoint(dead.url)
            office.happen()
            office.run()
            office.later(days=4)
            moved = "update app.webhook_endpoints set url = %(url)s where tenant_id = %(tenant_id)s"
            office.execute(moved, url=living.url)
            office.run()
            office.execute(moved, url=dead.url)
            office.happen()
            office.run()
            office.later(days=4)
            office.run()
        assert (dead.connections, living.connections) == (3, 1)
        assert office.read(endpoint)["state"] == "active"

    def test_one_that_is_enabled_again_has_all_its_time_before_it(self, office: Office):
        with Listener(answering("500 Oh")) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            office.happen()
            office.run()
            office.later(days=6)
            office.run()
            assert office.read(endpoint)["state"] == "disabled"
            office.tenant.call("POST", f"{ENDPOINTS}/{endpoint['id']}/enable")
            office.happen()
            office.run()
        assert receiver.connections == 3
        assert office.read(endpoint)["state"] == "active"

    def test_a_test_reaches_a_disabled_endpoint(self, office: Office):
        with Listener(answering()) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            office.execute("update app.webhook_endpoints set state = 'disabled' where tenant_id = %(tenant_id)s")
            office.tenant.call("POST", f"{ENDPOINTS}/{endpoint['id']}/test")
            assert office.run() == ["succeeded"]
        [request] = heard(receiver)
        assert Webhook(endpoint["secret"]).verify(request.body, request.headers)["type"] == "webhook_endpoint.tested"


class TestRotation:
    def test_both_secrets_sign_during_the_overlap_and_then_the_new_one_alone(self, office: Office):
        with Listener(answering()) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            path = f"{ENDPOINTS}/{endpoint['id']}/rotate-secret"
            new = office.tenant.call("POST", path, body={"overlap_hours": 1}).json["secret"]
            office.happen()
            office.run()
            office.later(hours=2)
            office.happen()
            office.run()
        during, after = heard(receiver)
        for secret in (endpoint["secret"], new):
            assert Webhook(secret).verify(during.body, during.headers)
        assert Webhook(new).verify(after.body, after.headers)
        with pytest.raises(Exception, match="No matching signature"):
            Webhook(endpoint["secret"]).verify(after.body, after.headers)

    def test_a_second_one_leaves_the_first_secret_its_overlap(self, office: Office):
        with Listener(answering()) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            path = f"{ENDPOINTS}/{endpoint['id']}/rotate-secret"
            rotated = [office.tenant.call("POST", path, body={"overlap_hours": hours}).json for hours in (1, 3)]
            secrets = [endpoint["secret"], *(each["secret"] for each in rotated)]
            office.happen()
            office.run()
            office.later(hours=2)
            office.happen()
            office.run()
        during, after = heard(receiver)
        for secret in secrets:
            assert Webhook(secret).verify(during.body, during.headers)
        for secret in secrets[1:]:
            assert Webhook(secret).verify(after.body, after.headers)
        with pytest.raises(Exception, match="No matching signature"):
            Webhook(secrets[0]).verify(after.body, after.headers)

    def test_four_secrets_sign_at_most_and_without_an_overlap_one(self, office: Office):
        with Listener(answering()) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            path = f"{ENDPOINTS}/{endpoint['id']}/rotate-secret"
            for hours in (1, 1, 1, 1, 1, 0):
                office.happen()
                office.run()
                office.tenant.call("POST", path, body={"overlap_hours": hours})
            office.happen()
            office.run()
        signatures = [len(request.headers["webhook-signature"].split()) for request in heard(receiver)]
        assert signatures == [1, 2, 3, 4, 4, 4, 1]


class TestDeleting:
    def test_what_waits_is_not_sent_and_stays_to_be_seen(self, office: Office):
        with Listener(answering()) as receiver:
            office.reaching(receiver)
            endpoint = office.endpoint(receiver.url)
            office.happen()
            office.tenant.call("DELETE", f"{ENDPOINTS}/{endpoint['id']}")
            assert office.run() == ["succeeded"]
        [delivery] = office.listed()
        assert (delivery["state"], delivery["last_error"]) == ("failed", "The endpoint was deleted.")
        assert (receiver.connections, office.due()) == (0, [])

    def test_while_it_is_being_sent_harms_nothing(self, office: Office):
        def delete(connection) -> None:
            office.execute("delete from app.webhook_endpoints where tenant_id = %(tenant_id)s")
            answering("500 Oh")(connection)

        with Listener(delete) as receiver:
            office.reaching(receiver)
            office.endpoint(receiver.url)
            office.happen()
            assert office.run() == ["succeeded"]
        assert [delivery["state"] for delivery in office.listed()] == ["failed"]


def test_deliveries_have_workers_of_their_own(office: Office):
    office.endpoint()
    office.happen()
    assert office.run(JobClass.STANDARD) == []
