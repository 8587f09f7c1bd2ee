"""`python -m infra.lint`: clean where the templates are, one line where they are not, and quick the second time."""

import json
import re
import time
from dataclasses import replace

import pytest

from infra.lint import UNUSED_RULES, lint, main
from infra.stage import STAGES
from tests.infra.conftest import make_tree
from tests.infra.workers import EXAMPLES, REPORTS

ONE = [STAGES["launch"]]


@pytest.fixture(scope="module")
def own_tree(tmp_path_factory):
    return make_tree(tmp_path_factory.mktemp("linted"))


class TestLint:
    def test_finds_nothing_and_skips_what_has_not_changed(self, own_tree, capsys):
        assert main([], root=own_tree, stages=ONE, manifest=EXAMPLES) == 0
        assert "Linted 1 stages" in capsys.readouterr().out
        started = time.monotonic()
        assert main(["--if-changed"], root=own_tree, stages=ONE, manifest=EXAMPLES) == 0
        assert capsys.readouterr().out == ""
        assert time.monotonic() - started < 1

    @pytest.mark.parametrize("stack", ["messaging", "workers"])
    @pytest.mark.parametrize("stage", ONE, ids=["launch"])
    def test_finds_nothing_where_there_are_workers_of_each_kind(self, working, stack):
        assert lint(json.dumps(working[stack])) == []

    def test_names_what_aws_would_refuse(self, templates):
        template = templates["cell"]
        [name] = [name for name, found in template["Resources"].items() if found["Type"] == "AWS::RDS::DBCluster"]
        properties = template["Resources"][name]["Properties"] | {"BackupRetentionPeriod": "for ever", "Nonsense": True}
        broken = template | {
            "Resources": template["Resources"] | {name: {"Type": "AWS::RDS::DBCluster", "Properties": properties}}
        }
        found = lint(json.dumps(broken))
        assert any(f"Resources/{name}/Properties/BackupRetentionPeriod" in line for line in found)
        assert any("Nonsense" in line for line in found)
        assert all(len(reason) > 20 for reason in UNUSED_RULES.values())

    def test_names_the_place_where_a_rule_is_broken(self, own_tree, capsys):
        """As a founder would break it: a route's function that API Gateway does not wait for."""
        slow = replace(REPORTS, timeout_seconds=30)
        manifest = tuple(slow if each is REPORTS else each for each in EXAMPLES)
        assert main([], root=own_tree, stages=ONE, manifest=manifest) == 1
        said = capsys.readouterr().out
        assert re.search(r"^freehold-launch-\w+/ReportsFunction\w+: functions-answer-before-the-gateway: A funct", said)
        assert said.endswith("1 findings\n")
        assert not (own_tree / "build" / "lint.digest").exists()

    def test_helps_with_an_example(self, capsys):
        with pytest.raises(SystemExit):
            main(["--help"])
        assert "python -m infra.lint --if-changed" in capsys.readouterr().out
