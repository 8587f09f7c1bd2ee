"""The gateways say the truth about what was taken: against the shapes that AWS declares, then against the emulator."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from freehold.messaging.bus import MOST_BYTES, Announced, EventBridge, entry_size
from freehold.messaging.queues import Message, Sqs
from tests.messaging.conftest import queue_behind, received

TENANT = uuid4()
URL = "http://127.0.0.1/queue"


def id_of(number: int) -> str:
    return str(UUID(int=number))


def announced(number: int = 1, *, padding: int = 0) -> Announced:
    detail = {"id": id_of(number), "tenant_id": str(TENANT), "data": {"padding": "x" * padding}}
    return Announced(id_of(number), "project.created", str(TENANT), json.dumps(detail))


def message(number: int = 1, *, padding: int = 0) -> Message:
    return Message(group=str(TENANT), body=json.dumps({"number": number, "padding": "x" * padding}))


@pytest.fixture
def bridge(account: None) -> EventBridge:
    return EventBridge("freehold")


@pytest.fixture
def sqs(account: None) -> Sqs:
    return Sqs({"standard": URL})


def entries(*events: Announced) -> list[dict[str, Any]]:
    return [
        {"EventBusName": "freehold", "Source": "freehold", "DetailType": event.type, "Detail": event.envelope}
        for event in events
    ]


class TestEventBridge:
    def test_publishes_with_the_type_as_detail_type(self, bridge: EventBridge):
        with Stubber(bridge.client) as stub:
            stub.add_response(
                "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}, {"Entries": entries(announced())}
            )
            assert bridge.publish([announced()]) == set()
            stub.assert_no_pending_responses()

    def test_says_which_of_those_in_a_success_were_not_taken(self, bridge: EventBridge, lines):
        answer = {
            "FailedEntryCount": 1,
            "Entries": [{"EventId": "1"}, {"ErrorCode": "ThrottlingException", "ErrorMessage": "slower"}],
        }
        with Stubber(bridge.client) as stub:
            stub.add_response("put_events", answer)
            assert bridge.publish([announced(1), announced(2)]) == {id_of(2)}
        [line] = lines()
        assert (line["level"], line["event_id"], line["code"]) == ("ERROR", id_of(2), "ThrottlingException")

    def test_sends_ten_at_a_time(self, bridge: EventBridge):
        assert _sizes(bridge, [announced(number) for number in range(23)]) == [10, 10, 3]

    def test_sends_no_more_bytes_at_a_time_than_are_taken(self, bridge: EventBridge):
        half = MOST_BYTES // 2 - entry_size(announced(padding=0))
        assert _sizes(bridge, [announced(number, padding=half) for number in range(4)]) == [2, 2]
        assert _sizes(bridge, [announced(number, padding=half + 2) for number in range(4)]) == [1, 1, 1, 1]

    def test_an_event_that_is_too_large_is_refused_and_the_others_go(self, bridge: EventBridge, lines):
        fitting = MOST_BYTES - entry_size(announced(padding=0))
        events = [announced(1, padding=fitting), announced(2, padding=fitting + 1), announced(3)]
        with Stubber(bridge.client) as stub:
            for _ in range(2):
                stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})
            assert bridge.publish(events) == {id_of(2)}
        [line] = lines()
        assert (line["event_id"], line["code"]) == (id_of(2), "TooLarge")

    def test_raises_where_the_bus_answers_with_an_error(self, bridge: EventBridge):
        with Stubber(bridge.client) as stub:
            stub.add_client_error("put_events", "AccessDeniedException")
            with pytest.raises(ClientError):
                bridge.publish([announced()])

    def test_a_call_that_fails_costs_only_its_own_events(self, bridge: EventBridge, lines):
        _fail_with(bridge.client, "provide-client-params.eventbridge.PutEvents", '"id": "' + id_of(15))
        with Stubber(bridge.client) as stub:
            for _ in range(2):
                stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}] * 10})
            refused = bridge.publish([announced(number) for number in range(30)])
            stub.assert_no_pending_responses()
        assert refused == {id_of(number) for number in range(10, 20)}
        [line] = lines()
        assert (line["message"], line["entries"], line["exception_name"]) == ("call failed", 10, "ConnectionError")

    def test_raises_where_every_call_fails(self, bridge: EventBridge):
        _fail_with(bridge.client, "provide-client-params.eventbridge.PutEvents", "tenant_id")
        with pytest.raises(ConnectionError):
            bridge.publish([announced(number) for number in range(30)])

    def test_raises_where_there_is_no_bus(self, bridge: EventBridge):
        with pytest.raises(EndpointConnectionError):
            bridge.publish([announced()])


def _fail_with(client: Any, event: str, what: str) -> None:
    """Let each call fail that carries this, whichever thread makes it."""

    def fail(params: dict[str, Any], **_: object) -> None:
        if any(what in entry.get("Detail", entry.get("MessageBody", "")) for entry in params["Entries"]):
            raise ConnectionError("gone")

    client.meta.events.register(event, fail)


def _sizes(bridge: EventBridge, events: list[Announced]) -> list[int]:
    """How many went in each call."""
    calls: list[int] = []

    def count(params: dict[str, Any], **_: object) -> None:
        calls.append(len(params["Entries"]))

    bridge.client.meta.events.register("provide-client-params.eventbridge.PutEvents", count)
    with pytest.raises(EndpointConnectionError):
        bridge.publish(events)
    return sorted(calls, reverse=True)


class TestSqs:
    def test_sends_each_in_the_group_of_its_tenant(self, sqs: Sqs):
        expected = {
            "QueueUrl": URL,
            "Entries": [
                {"Id": str(number), "MessageBody": message(number).body, "MessageGroupId": str(TENANT)}
                for number in range(2)
            ],
        }
        with Stubber(sqs.client) as stub:
            stub.add_response("send_message_batch", _answer(taken=[0, 1]), expected)
            assert sqs.send("standard", [message(0), message(1)]) == set()

    def test_says_which_of_those_in_a_success_were_not_taken(self, sqs: Sqs):
        with Stubber(sqs.client) as stub:
            stub.add_response("send_message_batch", _answer(taken=[0], failed=(1,)))
            assert sqs.send("standard", [message(0), message(1)]) == {1}

    def test_a_message_that_is_too_large_is_refused_and_the_others_go(self, sqs: Sqs, lines):
        with Stubber(sqs.client) as stub:
            stub.add_response("send_message_batch", _answer(taken=[1]))
            assert sqs.send("standard", [message(0, padding=MOST_BYTES), message(1)]) == {0}
        assert [line["message"] for line in lines()] == ["message too large"]

    def test_raises_where_the_queue_answers_with_an_error(self, sqs: Sqs):
        with Stubber(sqs.client) as stub:
            stub.add_client_error("send_message_batch", "AWS.SimpleQueueService.NonExistentQueue")
            with pytest.raises(ClientError):
                sqs.send("standard", [message()])

    def test_a_call_that_fails_costs_only_its_own_messages(self, sqs: Sqs):
        _fail_with(sqs.client, "provide-client-params.sqs.SendMessageBatch", '"number": 15,')
        with Stubber(sqs.client) as stub:
            for first in (0, 20):
                stub.add_response("send_message_batch", _answer(taken=[*range(first, first + 10)]))
            assert sqs.send("standard", [message(number) for number in range(30)]) == set(range(10, 20))
            stub.assert_no_pending_responses()

    def test_nothing_is_sent_for_nothing(self, sqs: Sqs):
        assert sqs.send("standard", []) == set()


def _answer(*, taken: list[int], failed: tuple[int, ...] = ()) -> dict[str, Any]:
    return {
        "Successful": [{"Id": str(number), "MessageId": "m", "MD5OfMessageBody": "d"} for number in taken],
        "Failed": [{"Id": str(number), "SenderFault": False, "Code": "InternalError"} for number in failed],
    }


class TestInTheEmulator:
    """An event travels from the gateway over a bus and its rule to a queue."""

    def test_an_event_reaches_the_queue_of_its_consumer(self, clients: dict[str, Any]):
        url = queue_behind(clients, "freehold")
        assert EventBridge("freehold").publish([announced(number) for number in range(12)]) == set()
        assert {json.loads(body)["detail"]["id"] for body in received(clients, url, 12)} == {
            str(UUID(int=number)) for number in range(12)
        }

    def test_messages_reach_their_queue(self, clients: dict[str, Any]):
        url = clients["sqs"].create_queue(QueueName="standard")["QueueUrl"]
        assert Sqs({"standard": url}).send("standard", [message(number) for number in range(12)]) == set()
        assert {json.loads(body)["number"] for body in received(clients, url, 12)} == set(range(12))
