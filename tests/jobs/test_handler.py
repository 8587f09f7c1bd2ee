"""The handler of a queue of jobs: what comes again, what does not, and one trace from the request to the log."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from freehold.database import database
from freehold.jobs.handed import Handed
from freehold.jobs.kinds import Done, Outcome
from freehold.jobs.running import Running
from freehold.jobs.worker import ROLE, work
from freehold.observability import logger
from tests.jobs.conftest import Given, Yard, kind


class Remaining:
    """Lambda's context, with a minute left."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture(autouse=True)
def connected(stage: None) -> Iterator[None]:
    yield
    database(ROLE).close()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the log says from here on."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    yield text
    logger.removeHandler(handler)


def batch(*bodies: str) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": "1"}
    return {
        "Records": [
            {"messageId": str(number), "body": body, "attributes": attributes, "eventSource": "aws:sqs"}
            for number, body in enumerate(bodies)
        ]
    }


def again(event: dict[str, Any], *kinds) -> list[str]:
    """The numbers of the messages that come again."""
    return [item["itemIdentifier"] for item in work(*kinds)(event, Remaining())["batchItemFailures"]]


class TestHandler:
    def test_runs_each_and_leaves_none_to_come_again(self, yard: Yard):
        does = kind()
        handed = [yard.hand(yard.tenant(), does) for _ in range(2)]
        assert again(batch(*(each.model_dump_json() for each in handed)), does) == []
        assert [yard.states(each.tenant_id) for each in handed] == [["succeeded"]] * 2

    def test_what_nobody_can_read_comes_again_and_the_others_do_not(self, yard: Yard):
        does = kind()
        handed = yard.hand(yard.tenant(), does)
        assert again(batch("{}", handed.model_dump_json()), does) == ["0"]
        assert yard.states(handed.tenant_id) == ["succeeded"]

    def test_a_job_that_failed_is_its_rows_to_try_again_and_not_the_queues(self, yard: Yard):
        does = kind(lambda *_: 1 / 0)
        handed = yard.hand(yard.tenant(), does)
        assert again(batch(handed.model_dump_json()), does) == []
        assert yard.states(handed.tenant_id) == ["scheduled"]

    def test_of_a_tenant_that_is_gone_nothing_comes_again(self, yard: Yard):
        does = kind()
        handed = yard.hand(yard.tenant(), does)
        yard.execute(handed.tenant_id, "delete from app.tenants where id = %(tenant_id)s")
        assert again(batch(handed.model_dump_json()), does) == []

    def test_the_job_knows_how_long_it_has(self, yard: Yard):
        left: list[float] = []

        def looks(running: Running, given: Given) -> Outcome:
            left.append(running.seconds_left())
            return Done()

        handed, does = yard.hand(yard.tenant(), kind()), kind(looks)
        again(batch(handed.model_dump_json()), does)
        assert 0 < left[0] < 60


class TestTheTrace:
    def test_goes_from_the_request_to_each_line_of_the_log(self, yard: Yard, log: io.StringIO):
        does = kind()
        handed: Handed = yard.hand(yard.tenant(), does)
        again(batch(handed.model_dump_json()), does)
        lines = [json.loads(line) for line in log.getvalue().splitlines()]
        [line] = [line for line in lines if line["message"] == "job"]
        assert line["request_id"] == yard.job(handed.tenant_id)["request_id"] == "a-request"
        assert (line["job_id"], line["kind"], line["attempt"]) == (str(handed.job_id), "tests.nothing", 1)
        assert line["outcome"] == "succeeded"
