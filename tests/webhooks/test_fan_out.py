"""From an event to its deliveries."""

import json

import pytest

from freehold.database import Replay
from freehold.messaging.catalog import Catalog
from freehold.messaging.inbox import receive
from freehold.webhooks.fan_out import WORKER, UnknownEventType, fan_out
from functions.manifest import FUNCTIONS
from local.companies import Company
from local.gateway import call, handler
from tests.webhooks.office import ENDPOINTS, Office


class TestFanOut:
    def test_makes_one_delivery_and_one_job_for_each_endpoint_that_is_for_it(self, office: Office):
        wanted = [office.endpoint(), office.endpoint(events=["project.created"])]
        office.endpoint(events=["project.deleted"])
        event = office.happen()
        assert {delivery["endpoint_id"] for delivery in office.listed()} == {endpoint["id"] for endpoint in wanted}
        assert {delivery["event_id"] for delivery in office.listed()} == {str(event.id)}
        jobs = office.execute(
            "select lane::text, input ->> 'delivery_id' from app.jobs where tenant_id = %(tenant_id)s"
        )
        assert set(jobs) == {(delivery["endpoint_id"], delivery["id"]) for delivery in office.listed()}

    def test_a_message_that_comes_twice_makes_none_the_second_time(self, office: Office):
        office.endpoint()
        event = office.happen()
        with pytest.raises(Replay):
            office.fan_out(event)
        assert len(office.listed()) == 1
        assert len(office.execute("select 1 from app.jobs where tenant_id = %(tenant_id)s")) == 1

    def test_what_is_sent_is_the_event_as_everybody_gets_it(self, office: Office):
        office.endpoint()
        event = office.happen()
        [delivery] = office.listed()
        assert json.loads(office.delivery(delivery["id"])["body"]) == event.model_dump(mode="json")

    def test_leaves_disabled_endpoints_out(self, office: Office):
        office.endpoint()
        office.execute("update app.webhook_endpoints set state = 'disabled' where tenant_id = %(tenant_id)s")
        office.happen()
        assert office.listed() == []

    def test_a_star_means_what_its_maker_could_see(self, office: Office):
        key = office.tenant.key("webhooks:write", "projects:read")
        narrow = call(
            "POST", ENDPOINTS, token=key["secret"], body={"url": "https://example.com/", "events": ["*"]}
        ).json
        wide = office.endpoint()
        office.fan_out(office.events(type="api_key.created")[0])
        assert [delivery["endpoint_id"] for delivery in office.listed()] == [wide["id"]]
        office.happen()
        assert len(office.listed(narrow)) == 1

    def test_reaches_no_neighbour(self, office: Office, globex: Company):
        office.endpoint(of=globex)
        office.happen()
        assert globex.call("GET", "/v1/webhook-deliveries").json["items"] == []
        office.happen(of=globex)
        assert len(globex.call("GET", "/v1/webhook-deliveries").json["items"]) == 1

    def test_what_nobody_can_choose_goes_nowhere(self, office: Office):
        office.endpoint()
        office.fan_out(office.events(type="tenant.created")[0])
        assert office.listed() == []

    def test_a_type_that_is_not_known_yet_is_not_taken(self, office: Office):
        office.endpoint()
        office.tenant.project()
        event = office.events(type="project.created")[0]
        with pytest.raises(UnknownEventType, match=r"project\.created"):
            receive(WORKER, event, fan_out(Catalog(())))
        office.fan_out(event)
        assert len(office.listed()) == 1

    def test_the_job_of_a_paused_endpoint_waits_until_after_the_pause(self, office: Office):
        endpoint = office.endpoint()
        office.execute(
            "insert into app.webhook_failures (endpoint_id, pauses, paused_until)"
            " values (%(id)s, 1, now() + interval '10 minutes')",
            id=endpoint["id"],
        )
        office.happen()
        assert office.execute("select state from app.jobs where tenant_id = %(tenant_id)s") == [("scheduled",)]
        assert 600 < office.due()[0] < 720

    def test_its_function_takes_the_bus_message(self, office: Office):
        office.endpoint()
        office.tenant.project()
        event = office.events(type="project.created")[0]
        record = {
            "messageId": "1",
            "body": json.dumps({"detail": event.model_dump(mode="json")}),
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSource": "aws:sqs",
        }
        function = next(function for function in FUNCTIONS if function.name == "fan_out")
        for _ in range(2):
            assert handler(function)({"Records": [record]}, None) == {"batchItemFailures": []}
        assert len(office.listed()) == 1
