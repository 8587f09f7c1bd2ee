"""The attack on workers finds what is planted, leaves nothing unarmed, and makes messages for whoever is asked."""

from collections.abc import Iterator

import pytest

from freehold.database.migrations.bootstrap import DATABASE
from functions.declaration import Function, Queue
from functions.manifest import FUNCTIONS
from local.postgres import Postgres
from proof import workers
from proof.http import Stage, on_stage
from proof.http.planting import Hole
from proof.workers.attack import OF_NO_TENANT, Focus
from proof.workers.messages import Example, examples, names
from proof.workers.planting import holes

A, B = "01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b"


@pytest.fixture(scope="module")
def here(server: Postgres) -> Iterator[Stage]:
    with on_stage(server, DATABASE) as stage:
        yield stage


class TestAttack:
    def test_finds_nothing_and_every_worker_was_armed(self, here: Stage):
        tally = workers.attack(here)
        assert (tally.leaks, tally.unarmed) == ([], [])
        assert tally.probes["workers"] > 20 * sum(1 for function in FUNCTIONS if function.queue)

    @pytest.mark.parametrize("hole", holes()[:2], ids=lambda hole: hole.name)
    def test_finds_a_mistake(self, here: Stage, hole: Hole[Focus]):
        """Two of them; `make prove` plants all, and test_prove.py holds it to that."""
        with hole.plant():
            assert workers.attack(here, hole.focus).leaks


class TestExamples:
    @pytest.mark.parametrize(
        "function", [f for f in FUNCTIONS if f.queue and f.name not in OF_NO_TENANT], ids=lambda f: f.name
    )
    def test_say_whose_message_it_is(self, function: Function):
        found = examples(function)
        assert found
        assert all(example.tenant in str(example.body) for example in found)

    def test_of_a_worker_without_one_are_none(self):
        assert examples(Function(name="made_up", queue=Queue(name="made_up"))) == []

    def test_are_made_for_another_tenant_from_its_own_rows(self):
        record = {"attributes": {"MessageGroupId": A}}
        body = {"tenant_id": A, "delivery_id": A.replace("a", "c"), "by": f"member:{A[:-1]}d", "note": "as it is"}
        rows = {"app.webhook_deliveries": [{"id": "delivery of B"}], "app.members": [{"id": "member of B"}]}
        made = Example("made_up", record, body).of(B, rows)
        assert made == {"tenant_id": B, "delivery_id": "delivery of B", "by": "member:member of B", "note": "as it is"}

    def test_names_every_place_of_an_id(self):
        assert set(names({"a": A, "b": [{"c": f"member:{A}"}, 1], "d": "no id"})) == {("a",), ("b", 0, "c")}
