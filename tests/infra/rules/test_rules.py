"""Each rule finds what breaks it, there and nowhere else, and finds nothing in the stages as they are."""

import json

import pytest

from functions.manifest import FUNCTIONS
from infra.lint import main
from infra.rules import AWAITED, RULES, broken
from tests.infra.conftest import ROOT
from tests.infra.rules import (
    plants_delivery,
    plants_keeping,
    plants_limits,
    plants_reaching,
    plants_serving,
    plants_waiting,
)
from tests.infra.rules.planted import BY_NAME, Planted, broken_by

SUBJECTS = (plants_serving, plants_waiting, plants_keeping, plants_reaching, plants_limits, plants_delivery)
PLANTED = [planted for subject in SUBJECTS for planted in subject.PLANTED]


class TestStages:
    def test_keep_every_rule(self, stacks, stage):
        assert broken(stacks, stage=stage, manifest=FUNCTIONS) == []

    @pytest.mark.parametrize("name", sorted(AWAITED))
    def test_do_not_keep_yet_what_is_awaited(self, dial, name):
        found = {
            at for at, stage in dial.items() if broken_by(Planted(rule=name, fault=print, stage=at), json.loads(stage))
        }
        assert found, f"every stage keeps {name} by now: take it out of AWAITED in infra/rules/__init__.py"


class TestRules:
    @pytest.mark.parametrize("planted", PLANTED, ids=str)
    def test_find_what_breaks_them_and_nothing_else(self, dial, planted):
        templates = json.loads(dial[planted.stage])
        if planted.before:
            planted.before(templates)
            assert broken_by(planted, templates) == set()
        place = planted.fault(templates)
        assert broken_by(planted, templates) == {(planted.rule, *place)}

    def test_have_a_violation_planted_each(self):
        assert {planted.rule for planted in PLANTED} == BY_NAME.keys()

    def test_have_names_of_their_own_and_say_what_to_do(self):
        assert len(BY_NAME) == len(RULES) > 45
        assert all(rule.name.islower() and rule.says.endswith(".") and len(rule.says) > 40 for rule in RULES)

    def test_are_listed_by_the_command_and_in_the_docs(self, capsys):
        assert main(["--rules"]) == 0
        listed, page = capsys.readouterr().out, (ROOT / "docs/reference/rules.md").read_text()
        assert listed.splitlines() == [f"{rule.name}: {rule.says}" for rule in RULES]
        assert [rule.name for rule in RULES if f"| `{rule.name}` |" not in page] == []
