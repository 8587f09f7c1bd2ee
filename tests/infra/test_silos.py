"""Cells beside the pool: one class, many instances, in other regions if need be."""

import pytest

from infra.errors import SynthesisError
from infra.options import Silo, read_options
from infra.stage import STAGES
from tests.infra.conftest import ROOT
from tests.infra.templates import of_type, only, parameters_read, parameters_written

SILOS = (Silo(name="acme"), Silo(name="globex", region="eu-west-1"), Silo(name="initech", region="eu-west-1"))


@pytest.fixture(scope="module")
def assembly(tree, tmp_path_factory, synthesize):
    """Stack name to region and template."""
    from infra.options import Options  # noqa: PLC0415 (after Node is there)
    from infra.synth import synthesize as write  # noqa: PLC0415

    out = tmp_path_factory.mktemp("silos")
    made = write(tree, Options(stage=STAGES["scale"], out=out, code="placeholder", silos=SILOS))
    return {stack.stack_name.removeprefix("freehold-scale-"): stack for stack in made.stacks}


class TestSilos:
    def test_have_a_database_of_their_own(self, assembly):
        for silo in SILOS:
            template = assembly[f"cell-{silo.name}"].template
            assert only(template, "AWS::RDS::DBCluster")["DBClusterIdentifier"] == f"freehold-scale-{silo.name}"
            assert all(f"/cell/{silo.name}/" in name for name in parameters_written(template))

    def test_are_where_they_were_asked_for(self, assembly):
        assert {name for name, stack in assembly.items() if stack.environment.region == "eu-west-1"} == {
            *("network-eu-west-1", "cell-globex", "schema-globex", "cell-initech", "schema-initech"),
        }

    def test_are_migrated_before_new_code_answers(self, assembly):
        for silo in SILOS:
            template = assembly[f"schema-{silo.name}"].template
            [function] = of_type(template, "AWS::Lambda::Function").values()
            assert function["FunctionName"] == f"freehold-scale-migrations-{silo.name}"
            read = {name for name in parameters_read(template).values() if "/cell/" in name}
            assert all(f"/cell/{silo.name}/" in name for name in read)
            assert read
            needs = {each.stack_name for each in assembly["messaging"].dependencies if hasattr(each, "stack_name")}
            assert f"freehold-scale-schema-{silo.name}" in needs

    def test_in_reach_are_cleaned_up_behind_it(self, assembly):
        posts = [f for f in assembly["gateway"].template["Resources"].values() if f["Type"] == "Custom::Schema"]
        called = {post["Properties"]["ServiceToken"]["Fn::Join"][1][-1].rpartition(":function:")[2] for post in posts}
        assert called == {"freehold-scale-migrations:live", "freehold-scale-migrations-acme:live"}


class TestOptions:
    def read(self, silos, tmp_path):
        (tmp_path / "cdk.json").write_text((ROOT / "cdk.json").read_text())
        import json  # noqa: PLC0415

        context = json.dumps({"silos": silos})
        return read_options(["--stage", "scale"], root=ROOT, environment={"CDK_CONTEXT_JSON": context}).silos

    def test_are_listed_by_stage(self, tmp_path):
        given = {"scale": [{"name": "acme"}, {"name": "globex", "region": "eu-west-1"}], "launch": [{"name": "x1"}]}
        assert self.read(given, tmp_path) == SILOS[:2]
        assert self.read({}, tmp_path) == ()

    @pytest.mark.parametrize(
        "wrong",
        [
            [{"name": "pool"}],
            [{"name": "Acme"}],
            [{"name": "a" * 40}],
            [{"name": "acme", "region": "Frankfurt"}],
            [{"name": "acme"}, {"name": "acme"}],
            [{"called": "acme"}],
            ["acme"],
            7,
        ],
    )
    def test_that_cannot_be_are_a_sentence(self, wrong, tmp_path):
        with pytest.raises(SynthesisError, match=r"silo"):
            self.read({"scale": wrong}, tmp_path)
