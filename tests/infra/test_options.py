"""What a person chooses: flags before the CLI's context, before cdk.json; a wrong choice is one sentence."""

import json
from pathlib import Path

import pytest

from infra.digest import inputs_digest
from infra.errors import SynthesisError
from infra.options import Options, cdk_json_context, read_options
from infra.stage import STAGES, stage_named
from infra.target import GRAVITON, host_target, target_named
from tests.infra.conftest import ROOT, make_tree, write
from tests.infra.domains import CONTEXT, DOMAIN, WITHOUT_ZONE


@pytest.fixture
def own_tree(tmp_path):
    return make_tree(tmp_path / "project")


def read(*arguments, context=None):
    return read_options(arguments, root=ROOT, environment={"CDK_CONTEXT_JSON": json.dumps(context or {})})


class TestOptions:
    def test_come_from_cdk_json_where_nobody_says_otherwise(self):
        assert read() == Options(stage=STAGES["sandbox"], out=ROOT / "cdk.out")

    def test_come_from_the_cli_as_context(self):
        assert read(context={"stage": "launch", "architecture": "host"}).stage == STAGES["launch"]

    def test_come_from_flags_first(self):
        chosen = read("--stage", "launch", "--code", "placeholder", "--out", "there", context={"stage": "sandbox"})
        assert (chosen.stage, chosen.code, chosen.out) == (STAGES["launch"], "placeholder", Path("there"))

    def test_are_written_where_the_cli_expects_it(self):
        chosen = read_options([], root=ROOT, environment={"CDK_OUTDIR": "/somewhere"})
        assert chosen.out == Path("/somewhere")

    @pytest.mark.parametrize("flag", ["--architecture", "--code"])
    def test_that_do_not_exist_are_refused_in_one_sentence(self, flag):
        with pytest.raises(SynthesisError, match=r"cannot be 'nonsense': choose \w+ or \w+\."):
            read(flag, "nonsense")


class TestStripeSource:
    SOURCE = "aws.partner/stripe.com/ed_test_61"

    def test_is_of_the_stage_that_cdk_json_names(self):
        context = {"stripeEventSource": {"launch": self.SOURCE}}
        assert read("--stage", "launch", context=context).stripe_source == self.SOURCE
        assert read(context=context).stripe_source == ""

    def test_comes_from_the_cli_for_the_stage_at_hand(self):
        assert read(context={"stripeEventSource": self.SOURCE}).stripe_source == self.SOURCE

    def test_that_is_none_of_stripes_is_refused_in_one_sentence(self):
        with pytest.raises(SynthesisError, match=r"stripeEventSource cannot be 'aws\.partner/example\.com/1'"):
            read(context={"stripeEventSource": "aws.partner/example.com/1"})


class TestWayIn:
    def test_is_chosen_for_each_stage(self):
        context = {"origins": {"launch": ["https://app.acme.com"]}, "domains": {"launch": CONTEXT}}
        launch = read("--stage", "launch", context=context)
        assert (launch.origins, launch.domain) == (("https://app.acme.com",), DOMAIN)
        assert (read(context=context).origins, read(context=context).domain) == ((), None)

    def test_on_a_laptop_is_by_origins_alone(self):
        context = {"origins": {"launch": ["https://app.acme.com"]}, "domains": {"launch": CONTEXT}}
        here = read("--stage", "launch", "--architecture", "host", context=context)
        assert (here.origins, here.domain) == (("https://app.acme.com",), None)


class TestStage:
    def test_that_does_not_exist_is_refused_in_one_sentence(self):
        with pytest.raises(SynthesisError, match="There is no stage 'production': choose one of sandbox, launch"):
            stage_named("production")

    def test_names_its_keys_so_that_a_test_key_never_looks_live(self):
        assert (STAGES["sandbox"].key_mode, STAGES["launch"].key_mode) == ("test", "live")


class TestTarget:
    def test_is_graviton_or_this_machine(self):
        assert target_named("arm64") == GRAVITON
        assert target_named("host").wheels is None

    def test_this_machine_may_be_one_that_lambda_does_not_know(self):
        assert host_target("aarch64").architecture == "arm64"
        with pytest.raises(SynthesisError, match="riscv64"):
            host_target("riscv64")


class TestFeatureFlags:
    def test_let_an_edited_layer_move_the_alias(self):
        assert cdk_json_context(ROOT)["@aws-cdk/aws-lambda:recognizeLayerVersion"] is True


class TestInputsDigest:
    @pytest.mark.parametrize(
        "name",
        ["infra/stage.py", "functions/manifest.py", "functions/declaration.py", "requirements/runtime.txt", "app.py"],
    )
    @pytest.mark.parametrize("code", ["packaged", "placeholder"])
    def test_changes_with_what_the_template_is_made_from(self, own_tree, name, code):
        options = Options(stage=STAGES["launch"], out=own_tree, code=code)
        before = inputs_digest(own_tree, options)
        write(own_tree / name, "# edited\n")
        assert inputs_digest(own_tree, options) != before

    @pytest.mark.parametrize("name", ["functions/projects/handler.py", "layers/freehold/__init__.py"])
    def test_changes_with_code_only_where_code_is_packaged(self, own_tree, name):
        packaged = Options(stage=STAGES["launch"], out=own_tree)
        placeholder = Options(stage=STAGES["launch"], out=own_tree, code="placeholder")
        before = inputs_digest(own_tree, packaged), inputs_digest(own_tree, placeholder)
        write(own_tree / name, "# edited\n")
        assert inputs_digest(own_tree, packaged) != before[0]
        assert inputs_digest(own_tree, placeholder) == before[1]

    @pytest.mark.parametrize("code", ["packaged", "placeholder"])
    def test_changes_with_a_migration_because_the_template_names_it(self, own_tree, code):
        options = Options(stage=STAGES["launch"], out=own_tree, code=code)
        before = inputs_digest(own_tree, options)
        write(own_tree / "layers/product/migrations/0001_first.pre.sql", "SELECT 1;\n")
        assert inputs_digest(own_tree, options) != before

    def test_changes_with_every_choice(self, own_tree):
        choices = [
            *({}, {"stage": STAGES["sandbox"]}, {"architecture": "host"}, {"code": "placeholder"}),
            *({"origins": ("https://app.acme.com",)}, {"domain": DOMAIN}, {"domain": WITHOUT_ZONE}),
        ]
        options = [Options(**{"stage": STAGES["launch"], "out": own_tree} | choice) for choice in choices]
        assert len({inputs_digest(own_tree, chosen) for chosen in options}) == len(choices)
