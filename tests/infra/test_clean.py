"""What was found clean is not shown again; what is new is shown with all that it refers to."""

import json

import pytest

from infra.clean import Clean
from infra.lint import lint
from tests.infra.rules.planted import resource

RETRIES = "AWS::Lambda::EventInvokeConfig"


@pytest.fixture
def clean(tmp_path):
    return Clean(tmp_path / "clean")


def parts(clean, templates, stage):
    return {stack: part for stack, template in templates.items() if (part := clean.new_part(template, stage))}


class TestNewPart:
    def test_is_all_of_it_at_first_and_nothing_of_it_then(self, clean, templates):
        found = parts(clean, templates, "launch")
        assert found.keys() == templates.keys()
        assert parts(clean, templates, "launch") == {}

    def test_of_another_stage_is_what_differs(self, clean, dial):
        launch, growth = json.loads(dial["launch"]), json.loads(dial["growth"])
        shown = {stack: len(part["Resources"]) for stack, part in parts(clean, launch, "launch").items()}
        again = {stack: len(part["Resources"]) for stack, part in parts(clean, growth, "growth").items()}
        assert "messaging" not in again
        assert sum(again.values()) < sum(shown.values()) * 2 / 3

    def test_of_an_edit_is_the_resource_with_what_it_refers_to(self, clean, templates):
        parts(clean, templates, "launch")
        (stack, name), body = resource(templates, RETRIES, "Relay")
        edited = json.loads(json.dumps(templates[stack]))
        edited["Resources"][name]["Properties"]["MaximumRetryAttempts"] = 1
        part = clean.new_part(edited, "launch")
        assert name in part["Resources"]
        assert body["Properties"]["FunctionName"]["Ref"] in part["Resources"]
        assert len(part["Resources"]) < len(edited["Resources"]) / 4

    def test_is_enough_for_cfn_lint_to_find_the_edit_and_nothing_else(self, clean, templates):
        parts(clean, templates, "launch")
        (stack, name), _ = resource(templates, RETRIES, "Relay")
        edited = json.loads(json.dumps(templates[stack]))
        edited["Resources"][name]["Properties"]["MaximumRetryAttempts"] = 5
        [line] = lint(json.dumps(clean.new_part(edited, "launch")))
        assert f"Resources/{name}/Properties/MaximumRetryAttempts" in line

    def test_is_shown_again_unless_it_was_clean(self, tmp_path, templates):
        first = Clean(tmp_path / "clean")
        for stack, part in parts(first, templates, "launch").items():
            if stack != "cell":
                first.remember(part, "launch")
        first.save()
        assert parts(Clean(tmp_path / "clean"), templates, "launch").keys() == {"cell"}
