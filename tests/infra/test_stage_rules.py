"""What no stage may say: a relay that looks too often for a database to be found asleep."""

from dataclasses import replace

import pytest

from infra.errors import SynthesisError
from infra.stage import LAUNCH, SANDBOX
from infra.stage_rules import require_workable


def paced(stage, minutes):
    return replace(stage, relay=replace(stage.relay, every_minutes=minutes))


class TestSleepingStages:
    @pytest.mark.parametrize("minutes", [1, 4])
    def test_whose_relay_looks_too_often_are_refused_with_what_to_do(self, minutes):
        with pytest.raises(SynthesisError, match=r"sandbox .* set relay\.every_minutes to 5 or more"):
            require_workable(paced(SANDBOX, minutes))

    def test_are_refused_at_synthesis(self, tree, synthesize):
        with pytest.raises(SynthesisError, match="lets its database sleep"):
            synthesize(tree, stage=paced(SANDBOX, 1), code="placeholder")

    def test_may_look_every_five_minutes(self):
        require_workable(paced(SANDBOX, 5))

    def test_alone_are_held_to_it(self):
        require_workable(paced(LAUNCH, 1))

    def test_as_they_stand_are_let_through(self, stage):
        require_workable(stage)
