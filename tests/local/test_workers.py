"""What happens between an event and its worker, on the deployed stacks: handed over, tried again, given up, called."""

import json

import pytest

from tests.local.working_cloud import WorkingCloud, until

GROUP = "freehold-sandbox"


@pytest.fixture(scope="module")
def cloud(emulator, tmp_path_factory):
    return WorkingCloud(emulator, tmp_path_factory.mktemp("project"))


def messages(cloud, url):
    return cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])


def kept(cloud, mark):
    """What was given up of these; a machine that is busy may have given up others as well."""
    found = [json.loads(message["Body"])["detail"] for message in messages(cloud, f"{cloud.queue('webhooks')}-dead")]
    return [detail for detail in found if detail == {"mark": mark}]


class TestEvents:
    def test_go_over_rule_and_queue_to_their_function(self, cloud):
        cloud.publish(tenant_id="t1", mark="over")
        [call] = until(lambda: cloud.calls("take", "over"))
        [record] = call["event"]["Records"]
        assert record["eventSource"] == "aws:sqs"
        assert json.loads(record["body"])["detail"] == {"tenant_id": "t1", "mark": "over"}
        assert json.loads(record["body"])["detail-type"] == "project.created"

    def test_of_another_source_do_not(self, cloud):
        entry = {"Source": "other", "DetailType": "x", "Detail": '{"mark": "elsewhere"}', "EventBusName": GROUP}
        cloud.client("events").put_events(Entries=[entry])
        cloud.publish(mark="after")
        until(lambda: cloud.calls("take", "after"))
        assert cloud.calls("take", "elsewhere") == []

    def test_that_fail_are_tried_as_often_as_declared_then_kept(self, cloud):
        cloud.publish(mark="bad-one")
        dead = until(lambda: kept(cloud, "bad-one"))
        assert len(dead) == 1
        received = [r["attributes"] for call in cloud.calls("take", "bad-one") for r in call["event"]["Records"]]
        assert [attributes["ApproximateReceiveCount"] for attributes in received] == ["1", "2"]

    def test_that_succeeded_are_not_tried_again(self, cloud):
        cloud.publish(mark="good-one")
        until(lambda: cloud.calls("take", "good-one"))
        cloud.publish(mark="bad-two")
        until(lambda: len(cloud.calls("take", "bad-two")) == 2 and ["twice"])
        assert len(cloud.calls("take", "good-one")) == 1


@pytest.fixture(scope="module")
def called(cloud):
    """By the schedule's own target, but at a time that has passed, because a minute is long."""
    scheduler = cloud.client("scheduler")
    target = scheduler.get_schedule(Name=f"{GROUP}-tick", GroupName=GROUP)["Target"]
    when = {"ScheduleExpression": "at(2020-01-01T00:00:00)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    scheduler.create_schedule(Name="soon", GroupName=GROUP, Target=target, **when)
    return until(lambda: cloud.calls("tick"))[0]


class TestClock:
    def test_calls_its_function(self, called):
        assert called["event"].keys() == {"scheduled_at", "called_by"}
        assert called["event"]["called_by"] == "clock"

    def test_wakes_the_relay_every_minute_here_and_tells_it_to_stay(self, cloud, called):
        schedule = cloud.client("scheduler").get_schedule(Name=f"{GROUP}-tick", GroupName=GROUP)
        assert schedule["ScheduleExpression"] == "rate(1 minute)"
        assert called["told"]["FREEHOLD_RELAY_STAYS"] == "55"


class TestFunctions:
    def test_are_told_where_everything_is(self, cloud, called):
        told = called["told"]
        assert told["FREEHOLD_BUS"] == cloud.parameter("bus") == GROUP
        assert json.loads(told["FREEHOLD_QUEUES"]) == {"webhooks": cloud.queue("webhooks")}
        cloud.client("s3").head_bucket(Bucket=told["FREEHOLD_FILES"])

    def test_reach_the_emulator_and_nobody_else(self, cloud, called):
        assert called["endpoint"] == cloud.emulator.endpoint
