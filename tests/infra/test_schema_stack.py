"""A deploy migrates before new code answers, whenever there is something new, and never otherwise."""

import json
from itertools import pairwise

import pytest

from infra.stage import STAGES
from tests.infra.conftest import ROOT, make_tree, write
from tests.infra.templates import of_type, only
from tests.infra.workers import FEW

FIRST = "layers/freehold/database/migrations/0001_first.pre.sql"
PLACEHOLDER = {"code": "placeholder"}
ORDER = ("network", "cell", "schema", "messaging", "delivery")
DEPLOYED = {*ORDER, "api", "workers", "gateway"}


def asked(templates):
    """What the resource says; CloudFormation calls the function when any of it is another than last time."""
    return only(templates["schema"], "Custom::Schema")


@pytest.fixture
def own_tree(tmp_path):
    return make_tree(tmp_path / "project")


@pytest.fixture(scope="session")
def assembly(tree, synthesize, tmp_path_factory):
    """What the CDK CLI reads."""
    out = tmp_path_factory.mktemp("assembly")
    synthesize(tree, out=out, manifest=FEW, **PLACEHOLDER)
    return json.loads((out / "manifest.json").read_text())["artifacts"]


class TestOrder:
    def test_is_that_of_a_deploy(self, assembly):
        needs = {
            name.rpartition("-")[2]: {each.rpartition("-")[2] for each in found.get("dependencies", [])} & DEPLOYED
            for name, found in assembly.items()
            if found["type"] == "aws:cloudformation:stack"
        }
        assert list(needs)[: len(DEPLOYED)] == [*ORDER, "api", "workers", "gateway"]
        assert all(earlier in needs[later] for earlier, later in pairwise(ORDER))
        assert "delivery" in needs["api"] & needs["workers"]
        assert needs["gateway"] >= {"api", "workers"}

    def test_within_the_stack_is_function_then_version_then_alias_then_schema(self, stacks):
        [alias] = of_type(stacks["schema"], "AWS::Lambda::Alias")
        [version] = of_type(stacks["schema"], "AWS::Lambda::Version")
        assert asked(stacks)["ServiceToken"]["Fn::Join"][1][-1].endswith("-migrations:live")
        assert asked(stacks)["Version"] == {"Fn::GetAtt": [version, "Version"]}
        [schema] = [found for found in stacks["schema"]["Resources"].values() if found["Type"] == "Custom::Schema"]
        assert {alias, *of_type(stacks["schema"], "AWS::Lambda::EventInvokeConfig")} == set(schema["DependsOn"])


class TestSchema:
    def test_is_not_touched_when_nothing_changed(self, packaged, own_tree, synthesize):
        assert asked(synthesize(own_tree, manifest=FEW)) == asked(packaged)

    @pytest.mark.parametrize(
        ("name", "chosen"),
        [(FIRST, {}), (FIRST, PLACEHOLDER), ("layers/product/migrations/0001_a.pre.sql", PLACEHOLDER)],
    )
    def test_is_migrated_when_a_migration_is_new_or_other(self, packaged, own_tree, synthesize, name, chosen):
        write(own_tree / name, "SELECT 2;\n")
        assert asked(synthesize(own_tree, manifest=FEW, **chosen))["Digest"] != asked(packaged)["Digest"]

    @pytest.mark.parametrize("name", ["functions/migrations/handler.py", "layers/freehold/clock.py"])
    def test_is_migrated_when_what_migrates_is_other(self, packaged, own_tree, synthesize, name):
        write(own_tree / name, "new = True\n")
        before, after = asked(packaged), asked(synthesize(own_tree, manifest=FEW))
        assert (after["Digest"], after["Version"] == before["Version"]) == (before["Digest"], False)

    def test_is_not_touched_without_packages_either(self, stacks, packaged):
        assert asked(stacks)["Digest"] == asked(packaged)["Digest"]

    def test_knows_its_phase(self, stacks):
        assert asked(stacks)["Phase"] == "pre"

    def test_is_not_tried_again_behind_ones_back(self, stacks):
        assert only(stacks["schema"], "AWS::Lambda::EventInvokeConfig")["MaximumRetryAttempts"] == 0
        assert only(stacks["schema"], "AWS::Lambda::EventInvokeConfig")["MaximumEventAgeInSeconds"] == 60

    def test_of_the_real_project_counts_every_migration(self):
        found = {path.relative_to(ROOT).parts[1] for path in ROOT.glob("layers/*/**/migrations") if path.is_dir()}
        assert found == {"freehold", "product"}


class TestPost:
    def test_comes_last_of_all_when_callers_have_left_the_old_code(self, stacks):
        having = [name for name, stack in stacks.items() if of_type(stack, "Custom::Schema")]
        assert having == ["schema", "gateway"]
        moved = [name for name, stack in stacks.items() if of_type(stack, "AWS::Lambda::Alias")]
        assert set(moved) <= {*list(stacks)[: list(stacks).index("gateway")]}
        assert only(stacks["gateway"], "Custom::Schema")["Phase"] == "post"

    def test_is_the_work_of_the_same_function(self, stacks, stage):
        called = only(stacks["gateway"], "Custom::Schema")["ServiceToken"]["Fn::Join"][1][-1]
        assert called == f":function:freehold-{stage.name}-migrations:live"

    def test_knows_what_is_new(self, stacks):
        assert only(stacks["gateway"], "Custom::Schema")["Digest"] == asked(stacks)["Digest"]


class TestFunction:
    def test_knows_the_writer(self, stacks, stage):
        settings = only(stacks["schema"], "AWS::Lambda::Function")["Environment"]["Variables"]
        reads = {
            key: stacks["schema"]["Parameters"][value["Ref"]]["Default"]
            for key, value in settings.items()
            if isinstance(value, dict)
        }
        assert reads == {"FREEHOLD_DATABASE": f"/freehold/{stage.name}/cell/pool/writer/conninfo"}

    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_is_in_the_schema_stack_alone(self, stacks):
        names = {function["FunctionName"] for function in of_type(stacks["api"], "AWS::Lambda::Function").values()}
        assert "freehold-launch-migrations" not in names
