"""POST /v1/usage/events: what is recorded is counted, each event once, and what cannot be is named by its place."""

import pytest

from local.companies import Company
from local.gateway import call
from tests.usage.sending import METER, ago, an_event, counted, recorded, send
from tests.wire import Cut, Wire

CLOUD = {"specversion": "1.0", "type": METER, "source": "gateway/eu-1", "id": "A-1"}
STRUCTURED = {"Content-Type": "application/cloudevents+json"}
BATCH = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}


class TestOne:
    def test_is_recorded_and_counted_in_its_hour(self, acme: Company):
        answer = send(acme, an_event(quantity=25, time="2026-01-01T00:00:00Z") | {"time": ago(hours=3)})
        assert (answer.status, answer.json) == (200, {"accepted": 1, "duplicates": 0})
        assert recorded(acme) == counted(acme) == (1, 25)
        [(kept, hour)] = acme.execute(
            "select e.occurred_at, h.hour from app.usage_events e join app.usage_hours h using (tenant_id, meter)"
            " where e.tenant_id = %(tenant_id)s"
        )
        assert hour == kept.replace(minute=0, second=0, microsecond=0)

    def test_counts_as_one_now_from_the_api_unless_it_says_otherwise(self, acme: Company):
        send(acme, an_event())
        row = acme.execute(
            "select quantity, source, subject, properties, now() - occurred_at < '1 minute', created_at >= occurred_at"
            " from app.usage_events where tenant_id = %(tenant_id)s"
        )
        assert row == [(1, "api", None, None, True, True)]

    def test_keeps_what_else_is_said_of_it(self, acme: Company):
        said = {"subject": "user-7", "properties": {"path": "/v1/things", "cached": True, "ms": 1.5}}
        send(acme, an_event(**said))
        [(subject, properties)] = acme.execute(
            "select subject, properties from app.usage_events where tenant_id = %(tenant_id)s"
        )
        assert {"subject": subject, "properties": properties} == said

    @pytest.mark.parametrize("quantity", [0, 1, 999_999_999_999_999, "12", 12.0])
    def test_has_exactly_its_quantity(self, acme: Company, quantity):
        assert send(acme, an_event(quantity=quantity)).status == 200
        assert recorded(acme) == counted(acme) == (1, int(quantity))

    def test_by_a_key_takes_one_round_trip(self, acme: Company, wire: Wire):
        key = acme.key("usage:write")["secret"]
        call("POST", "/v1/usage/events", token=key, body=an_event(0))
        with wire.counting() as trips:
            assert call("POST", "/v1/usage/events", token=key, body=an_event()).status == 200
        assert trips == [1]


class TestBatch:
    @pytest.mark.parametrize("form", [lambda events: events, lambda events: {"events": events}])
    def test_is_a_list_or_an_object_with_one(self, acme: Company, form):
        answer = send(acme, form([an_event(number) for number in range(3)]))
        assert answer.json == {"accepted": 3, "duplicates": 0}

    def test_of_a_thousand_takes_one_round_trip(self, acme: Company, wire: Wire):
        send(acme, an_event("warm"))
        events = [an_event(number, quantity=number) for number in range(1000)]
        with wire.counting() as trips:
            assert send(acme, events).json == {"accepted": 1000, "duplicates": 0}
        assert trips == [1]
        assert recorded(acme) == counted(acme) == (1001, sum(range(1000)) + 1)

    @pytest.mark.parametrize("events", [[], {"events": []}, [an_event(number) for number in range(1001)]])
    def test_of_none_or_too_many_is_refused(self, acme: Company, events):
        assert send(acme, events).status == 422
        assert recorded(acme) == (0, 0)

    def test_falls_into_the_hours_of_its_events(self, acme: Company):
        send(acme, [an_event(hour, quantity=hour, time=ago(hours=hour)) for hour in range(1, 6)])
        hours = acme.execute("select quantity from app.usage_hours where tenant_id = %(tenant_id)s order by hour")
        assert hours == [(5,), (4,), (3,), (2,), (1,)]


class TestAgain:
    def test_counts_once(self, acme: Company):
        first = send(acme, [an_event(1), an_event(2)])
        again = send(acme, [an_event(2), an_event(3), an_event(1)])
        assert (first.json["accepted"], again.json) == (2, {"accepted": 1, "duplicates": 2})
        assert recorded(acme) == counted(acme) == (3, 3)

    def test_in_the_same_batch_counts_once_as_it_stood_first(self, acme: Company):
        answer = send(acme, [an_event(1, quantity=5), an_event(2), an_event(1, quantity=7)])
        assert answer.json == {"accepted": 2, "duplicates": 1}
        assert recorded(acme) == counted(acme) == (2, 6)

    def test_of_another_source_or_tenant_is_another_one(self, acme: Company, globex: Company):
        for company, source in ((acme, "a"), (acme, "b"), (globex, "a")):
            assert send(company, an_event(source=source)).json["accepted"] == 1
        assert (recorded(acme), recorded(globex)) == ((2, 2), (1, 1))

    def test_after_35_days_counts_once_while_its_key_is_kept(self, acme: Company):
        send(acme, an_event())
        acme.execute(
            "update app.usage_keys set created_at = now() - interval '35 days 23 hours' where tenant_id = %(tenant_id)s"
        )
        acme.execute("select app.forget_usage_keys()")
        assert send(acme, an_event()).json == {"accepted": 0, "duplicates": 1}

    def test_of_a_lost_answer_counts_once(self, acme: Company, wire: Wire):
        send(acme, an_event("warm"))
        wire.cut(Cut.AFTER)
        assert send(acme, [an_event(1), an_event(2)]).code == "outcome_unknown"
        assert send(acme, [an_event(1), an_event(2)]).json == {"accepted": 0, "duplicates": 2}
        assert recorded(acme) == counted(acme) == (3, 3)

    def test_under_its_idempotency_key_is_answered_as_at_first(self, acme: Company):
        key = {"Idempotency-Key": "k"}
        first, again = (send(acme, an_event(), headers=key) for _ in range(2))
        assert first.json == again.json == {"accepted": 1, "duplicates": 0}
        assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
        assert send(acme, an_event(2), headers=key).code == "idempotency_mismatch"


class TestCloudEvents:
    def test_of_the_structured_form_is_recorded(self, acme: Company):
        event = {**CLOUD, "subject": "user-7", "time": ago(hours=1), "data": {"quantity": "25", "path": "/"}, "x": 1}
        assert send(acme, event, headers=STRUCTURED).json == {"accepted": 1, "duplicates": 0}
        row = acme.execute(
            "select meter, source, event_id, quantity, subject, properties from app.usage_events"
            " where tenant_id = %(tenant_id)s"
        )
        assert row == [(METER, "gateway/eu-1", "A-1", 25, "user-7", {"path": "/"})]

    def test_of_the_batched_form_are_recorded_each_once(self, acme: Company):
        events = [CLOUD, {**CLOUD, "id": "A-2"}, CLOUD]
        assert send(acme, events, headers=BATCH).json == {"accepted": 2, "duplicates": 1}

    def test_of_the_binary_form_is_recorded(self, acme: Company):
        headers = {f"Ce-{name.title()}": str(value) for name, value in CLOUD.items()} | {"Ce-Id": "caf%C3%A9"}
        assert send(acme, {"quantity": 3}, headers=headers).json == {"accepted": 1, "duplicates": 0}
        row = acme.execute("select event_id, quantity from app.usage_events where tenant_id = %(tenant_id)s")
        assert row == [("café", 3)]

    def test_is_the_same_event_in_either_form(self, acme: Company):
        send(acme, CLOUD, headers=STRUCTURED)
        same = {"id": CLOUD["id"], "source": CLOUD["source"], "meter": METER}
        assert send(acme, same).json == {"accepted": 0, "duplicates": 1}

    def test_may_stand_beside_our_own(self, acme: Company):
        assert send(acme, [CLOUD, an_event()]).json == {"accepted": 2, "duplicates": 0}

    def test_of_another_version_is_refused_in_its_own_words(self, acme: Company):
        answer = send(acme, [CLOUD, {**CLOUD, "specversion": "0.3"}], headers=BATCH)
        assert [error["field"] for error in answer.json["errors"]] == ["body.1.specversion"]


class TestTestClock:
    """In test mode a tenant may live at another time, and then it uses things at that time."""

    def test_its_events_are_of_any_time(self, acme: Company):
        event = an_event(7) | {"time": ago(days=-400)}
        assert send(acme, event).status == 422, "the control: it has no clock"
        acme.execute("insert into app.billing_syncs (customer_id, clock_id) values ('cus_usage', 'clock_usage')")
        assert send(acme, event).json == {"accepted": 1, "duplicates": 0}
        assert send(acme, event).json == {"accepted": 0, "duplicates": 1}
        assert recorded(acme) == counted(acme)


class TestRefusal:
    @pytest.mark.parametrize(
        ("different", "field", "says"),
        [
            ({"meter": "coffees"}, "meter", "There are: api_calls"),
            ({"meter": "API calls"}, "meter", "pattern"),
            ({"quantity": 1.5}, "quantity", "a whole number"),
            ({"quantity": "1.5"}, "quantity", "a whole number"),
            ({"quantity": True}, "quantity", "Send a number"),
            ({"quantity": -1}, "quantity", "0 or more"),
            ({"quantity": 10**15}, "quantity", "999999999999999"),
            ({"quantity": None}, "quantity", "a whole number"),
            ({"time": "yesterday"}, "time", "a moment"),
            ({"time": "2026-11-01T00:00:00"}, "time", "its offset"),
            ({"time": ago(days=-1)}, "time", "5 minutes ahead"),
            ({"time": ago(days=35, minutes=1)}, "time", "35 days old"),
            ({"id": ""}, "id", "at least 1"),
            ({"source": "x" * 201}, "source", "at most 200"),
            ({"properties": [1]}, "properties", "an object"),
            ({"tenant_id": "x"}, "tenant_id", "no such field"),
        ],
    )
    def test_says_what_is_wrong_with_which_and_records_none(self, acme: Company, different, field, says):
        answer = send(acme, [an_event(0), an_event(1), an_event(2, **different)])
        assert (answer.status, answer.code) == (422, "invalid_input")
        [error] = answer.json["errors"]
        assert error["field"].startswith(f"body.2.{field}")
        assert says in error["message"]
        assert recorded(acme) == counted(acme) == (0, 0)

    def test_names_all_that_are_wrong(self, acme: Company):
        events = [an_event(number, meter="nothing" if number % 2 else METER) for number in range(10)]
        fields = [error["field"] for error in send(acme, events).json["errors"]]
        assert fields == [f"body.{number}.meter" for number in (1, 3, 5, 7, 9)]

    @pytest.mark.parametrize("span", [{"minutes": -4}, {"days": 34, "hours": 23}])
    def test_the_control_what_is_just_in_time_is_recorded(self, acme: Company, span):
        assert send(acme, an_event(time=ago(**span))).status == 200

    @pytest.mark.parametrize("raw", [b"", b"null", b"7", b'"x"', b"[1]", b"[[]]", b"{}", b'{"events": null}', b"[{}]"])
    def test_of_what_is_no_event_is_a_problem(self, acme: Company, raw):
        assert acme.call("POST", "/v1/usage/events", raw=raw).status in (400, 422)

    def test_of_another_media_type_is_a_problem(self, acme: Company):
        assert send(acme, an_event(), headers={"Content-Type": "text/csv"}).status == 415

    @pytest.mark.parametrize("role", ["member", "viewer", "billing"])
    def test_meets_whoever_may_not(self, acme: Company, role):
        answer = acme.call_as(acme.member(role), "POST", "/v1/usage/events", body=an_event())
        assert (answer.status, answer.code) == (403, "permission_denied")

    def test_meets_the_neighbour(self, acme: Company, globex: Company):
        answer = acme.call_as(globex.owner, "POST", "/v1/usage/events", body=an_event())
        assert (answer.status, answer.code) == (403, "not_a_member")
        assert recorded(acme) == (0, 0)

    def test_meets_a_restricted_tenant(self, acme: Company):
        acme.execute("update app.tenants set access = 'restricted' where id = %(tenant_id)s")
        assert send(acme, an_event()).status == 402

    def test_of_a_tenant_that_is_none_is_said_as_on_every_route(self, acme: Company):
        said = [
            acme.owner.call(method, path, headers={"Freehold-Tenant": "x"}, body=an_event()).json["errors"][0]["field"]
            for method, path in (("POST", "/v1/usage/events"), ("POST", "/v1/projects"))
        ]
        assert said == ["header.freehold-tenant"] * 2
