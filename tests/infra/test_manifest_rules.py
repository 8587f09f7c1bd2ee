"""A manifest that makes no sense is refused in one sentence, before anything is written."""

from dataclasses import replace

import pytest

from functions.declaration import Queue, Schedule
from functions.manifest import FUNCTIONS
from infra.errors import SynthesisError
from infra.manifest_rules import require_sense
from tests.infra.workers import EXAMPLES, JOBS, RELAY, REPORTS, SOME


class TestManifest:
    @pytest.mark.parametrize("manifest", [FUNCTIONS, EXAMPLES], ids=["ours", "examples"])
    def test_that_makes_sense_is_taken(self, manifest):
        require_sense(manifest)

    @pytest.mark.parametrize(
        ("odd", "sentence"),
        [
            (replace(REPORTS, name="again"), r"declares GET /v1/reports/\{report_id\} twice"),
            (replace(JOBS, name="again"), "gives the queue bulk to two functions"),
            (replace(SOME, name="deaf", queue=None), "hands events to deaf, which has no queue"),
            (replace(RELAY, name="both", routes=("GET /v1/x",)), "lets requests and the clock call both"),
            (
                replace(SOME, name="both", queue=Queue(name="x"), routes=("GET /v1/x",)),
                "lets requests and a queue call both",
            ),
            (replace(JOBS, name="big", queue=Queue(name="x", batch_size=11)), "gives big batches of 11"),
            (replace(JOBS, name="lone", queue=Queue(name="x", concurrency=1)), "lets lone run 1 at once"),
        ],
        ids=lambda given: getattr(given, "name", ""),
    )
    def test_that_makes_none_is_refused(self, odd, sentence):
        with pytest.raises(SynthesisError, match=sentence):
            require_sense((*EXAMPLES, odd))

    def test_without_workers_is_one_too(self):
        require_sense([declared for declared in FUNCTIONS if declared.stack == "api"])

    def test_knows_where_each_function_belongs(self):
        assert (JOBS.stack, RELAY.stack, REPORTS.stack) == ("workers", "workers", "api")
        assert replace(RELAY, schedule=Schedule(every="day")).stack == "workers"
