"""The role that deploys from GitHub: one environment of one repository takes it, and it may what a deploy needs."""

import ast
import json
from copy import deepcopy

import pytest
import yaml

from infra.errors import SynthesisError
from infra.lint import lint
from infra.options import Options, Silo, cdk_json_context, read_options
from infra.stacks.pipeline import AUDIENCE, ISSUER
from infra.stage import STAGES
from tests.infra.conftest import ROOT, read
from tests.infra.domains import BEHIND_THE_EDGE
from tests.infra.templates import as_list, of_type, only, text

REPOSITORY = "acme/product"
WHO, WHAT = f"{ISSUER}:aud", f"{ISSUER}:sub"


@pytest.fixture(scope="module")
def assembly(tree, tmp_path_factory):
    """Templates of a stage of that repository, by the names of their stacks."""
    from infra.synth import synthesize  # noqa: PLC0415 - loading CDK takes seconds and needs Node

    def templates(stage="launch", **chosen):
        out = tmp_path_factory.mktemp("assembly")
        options = Options(**{"stage": STAGES[stage], "out": out, "code": "placeholder", **chosen})
        stacks = synthesize(tree, options).stacks
        return {stack.stack_name: read(stack.template_full_path) for stack in stacks}

    return templates


@pytest.fixture(scope="module")
def launch(assembly):
    return assembly(repository=REPOSITORY)


@pytest.fixture
def pipeline(launch):
    """A copy, to break."""
    return deepcopy(launch["freehold-launch-pipeline"])


ENVIRONMENTS = {"freehold-launch-deploy": "launch", "freehold-launch-drift": "launch-drift"}
"""Of each role, where its jobs run."""


def role(template, name):
    [found] = [one for one in of_type(template, "AWS::IAM::Role").values() if one["RoleName"] == name]
    return found


def deploying(template):
    """What the role that deploys may do."""
    policies = role(template, "freehold-launch-deploy")["Policies"]
    return [one for policy in policies for one in as_list(policy["PolicyDocument"]["Statement"])]


def trust(template, name):
    [statement] = role(template, name)["AssumeRolePolicyDocument"]["Statement"]
    return statement


def trusts_others(template, name):
    """What lets in more than jobs of its environment in that repository."""
    statement = trust(template, name)
    wanted = {WHO: AUDIENCE, WHAT: f"repo:{REPOSITORY}:environment:{ENVIRONMENTS[name]}"}
    found = [] if statement["Condition"] == {"StringEquals": wanted} else [statement["Condition"]]
    if [*statement["Principal"]] != ["Federated"] or f":oidc-provider/{ISSUER}" not in text(statement["Principal"]):
        found.append(statement["Principal"])
    return found + ([] if as_list(statement["Action"]) == ["sts:AssumeRoleWithWebIdentity"] else [statement["Action"]])


TOO_WIDE = {
    "every environment": lambda one: one["Condition"]["StringEquals"].update({WHAT: f"repo:{REPOSITORY}:*"}),
    "another environment": lambda one: one["Condition"]["StringEquals"].update(
        {WHAT: f"repo:{REPOSITORY}:environment:sandbox"}
    ),
    "a branch": lambda one: one["Condition"]["StringEquals"].update({WHAT: f"repo:{REPOSITORY}:ref:refs/heads/main"}),
    "another repository": lambda one: one["Condition"]["StringEquals"].update({WHAT: "repo:acme/p:environment:launch"}),
    "a pattern": lambda one: one.update(
        Condition={"StringEquals": {WHO: AUDIENCE}, "StringLike": {WHAT: "repo:acme/*:environment:launch"}}
    ),
    "any subject": lambda one: one["Condition"]["StringEquals"].pop(WHAT),
    "any audience": lambda one: one["Condition"]["StringEquals"].pop(WHO),
    "anybody": lambda one: one.update(Principal={"AWS": "*"}),
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
class TestTrust:
    def test_is_in_one_environment_of_one_repository(self, pipeline, name):
        assert trusts_others(pipeline, name) == []

    @pytest.mark.parametrize("plant", TOO_WIDE.values(), ids=TOO_WIDE)
    def test_would_be_seen_to_be_in_others(self, pipeline, name, plant):
        plant(trust(pipeline, name))
        assert trusts_others(pipeline, name) != []


class TestRepository:
    @pytest.mark.parametrize(
        "given",
        [
            "acme/*",
            "acme",
            "acme/product:*",
            "*/*",
            "acme/pro duct",
            "a/b/c",
            "acme/?",
            "acme@*/product",
            "acme@1/product@x",
        ],
    )
    def test_takes_no_pattern_for_a_repository(self, tmp_path, given):
        (tmp_path / "cdk.json").write_text(
            (ROOT / "cdk.json").read_text().replace('"repository": ""', f'"repository": "{given}"')
        )
        with pytest.raises(SynthesisError, match="write it as owner/name"):
            read_options([], root=tmp_path, environment={})

    def test_takes_the_form_with_ids(self, tmp_path):
        given = "acme@123456/product@456789"
        (tmp_path / "cdk.json").write_text(
            (ROOT / "cdk.json").read_text().replace('"repository": ""', f'"repository": "{given}"')
        )
        assert read_options([], root=tmp_path, environment={}).repository == given


class TestRole:
    def test_is_named_after_its_stage(self, pipeline):
        assert {one["RoleName"] for one in of_type(pipeline, "AWS::IAM::Role").values()} == {*ENVIRONMENTS}

    def test_becomes_the_roles_of_the_cdk_and_no_other(self, pipeline):
        [becomes] = [one for one in deploying(pipeline) if one["Action"] == "sts:AssumeRole"]
        named = [text(resource) for resource in becomes["Resource"]]
        assert len(named) == 3
        assert all("role/cdk-hnb659fds-" in name and "*" not in name for name in named)

    def test_writes_what_a_deploy_writes(self, pipeline):
        [writes] = [one for one in deploying(pipeline) if one["Action"] == "ssm:PutParameter"]
        named = sorted(text(resource).partition("parameter")[2].strip('"]}') for resource in writes["Resource"])
        assert named == [
            "/freehold/launch/deployments",
            "/freehold/launch/identity/issuers-digest",
            "/freehold/launch/mail/digest",
        ]

    def test_reads_no_secret(self, pipeline):
        actions = {action for one in deploying(pipeline) for action in as_list(one["Action"])}
        assert "secretsmanager:DescribeSecret" in actions
        assert [action for action in actions if "GetSecretValue" in action or "*" in action] == []

    def test_names_no_other_stage(self, pipeline):
        others = [name for name in STAGES if name != "launch"]
        assert [name for name in others if f"freehold/{name}" in text(pipeline)] == []

    def test_may_ask_whatever_the_checklist_asks(self, pipeline):
        """Each client's call in its code, as IAM calls it; the identity of the caller needs no right."""
        actions = {action for one in deploying(pipeline) for action in as_list(one["Action"])}
        asked = (
            calls("infra/checklist.py")
            | calls("infra/account.py")
            | calls("infra/deploy.py")
            | calls("infra/history.py")
        )
        assert {"get_parameter", "put_parameter", "describe_secret"} <= asked
        may = {action.partition(":")[2].lower() for action in actions}
        free, elsewhere = {"get_caller_identity"}, {"get_paginator"}
        assert {call for call in asked - free - elsewhere if call.replace("_", "") not in may} == set()

    def test_becomes_those_of_other_regions_where_the_stage_is_in_more_than_one(self, assembly):
        """Else a deployment stops at the first stack that lies elsewhere."""
        silos = (Silo(name="acme", region="eu-north-1"), Silo(name="globex"))
        pipeline = assembly(repository=REPOSITORY, silos=silos)["freehold-launch-pipeline"]
        [becomes] = [one for one in deploying(pipeline) if one["Action"] == "sts:AssumeRole"]
        named = [text(resource) for resource in becomes["Resource"]]
        assert len(named) == 6
        assert sum("-eu-north-1" in name for name in named) == 3

    def test_may_ask_what_the_checklist_asks_about_a_domain(self, assembly):
        stacks = assembly("scale", repository=REPOSITORY, domain=BEHIND_THE_EDGE)
        pipeline = stacks["freehold-scale-pipeline"]
        policies = role(pipeline, "freehold-scale-deploy")["Policies"]
        said = [one for policy in policies for one in as_list(policy["PolicyDocument"]["Statement"])]
        allowed = {action: text(one["Resource"]) for one in said for action in as_list(one["Action"])}
        edge = BEHIND_THE_EDGE.edge
        described = allowed["acm:DescribeCertificate"]
        assert all(arn in described for arn in (BEHIND_THE_EDGE.certificate, edge.certificate, edge.client))
        bucket, _, key = edge.truststore.removeprefix("s3://").partition("/")
        assert f":s3:::{bucket}/{key}" in allowed["s3:GetObject"]
        assert f":s3:::{bucket}" in allowed["s3:ListBucket"]
        assert "us-east-1" in allowed["sts:AssumeRole"]

    def test_asks_about_no_domain_where_there_is_none(self, pipeline):
        assert [one for one in deploying(pipeline) if "acm" in text(one["Action"])] == []

    def test_lasts_as_long_as_the_job_that_takes_it(self, pipeline):
        steps = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())["jobs"]["deploy"]["steps"]
        [asked] = [step["with"]["role-duration-seconds"] for step in steps if "role-to-assume" in step.get("with", {})]
        assert asked == role(pipeline, "freehold-launch-deploy")["MaxSessionDuration"]

    def test_is_lint_free(self, launch):
        assert [
            line for name in ("freehold-launch-pipeline", "freehold-github") for line in lint(json.dumps(launch[name]))
        ] == []


def calls(path):
    """The methods of AWS's clients that a module calls."""
    verbs = ("get_", "put_", "describe_", "list_")
    tree = ast.parse((ROOT / path).read_text())
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    return {name for name in called if name.startswith(verbs)}


class TestWhoeverCompares:
    def test_begins_it_for_this_stage_alone(self, pipeline):
        begins, _ = comparing(pipeline)
        assert as_list(begins["Action"]) == [
            "cloudformation:DetectStackDrift",
            "cloudformation:DetectStackResourceDrift",
        ]
        assert "stack/freehold-launch-*/*" in text(begins["Resource"])

    def test_reads_how_things_are_set_up(self, pipeline):
        [managed] = role(pipeline, "freehold-launch-drift")["ManagedPolicyArns"]
        assert text(managed).endswith(':iam::aws:policy/ReadOnlyAccess"]]}')

    def test_reads_nothing_that_they_contain(self, pipeline):
        _, denies = comparing(pipeline)
        assert (denies["Effect"], denies["Resource"]) == ("Deny", "*")
        contents = {"kms:Decrypt", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery", "s3:GetObject"}
        assert contents | {"secretsmanager:GetSecretValue", "sqs:ReceiveMessage"} <= {*denies["Action"]}


def comparing(template):
    [policy] = role(template, "freehold-launch-drift")["Policies"]
    return policy["PolicyDocument"]["Statement"]


class TestProvider:
    def test_is_githubs(self, launch):
        provider = only(launch["freehold-github"], "AWS::IAM::OIDCProvider")
        assert provider == {"Url": f"https://{ISSUER}", "ClientIdList": [AUDIENCE]}

    def test_is_the_same_for_each_stage_of_an_account(self, launch, assembly):
        assert assembly("sandbox", repository=REPOSITORY)["freehold-github"] == launch["freehold-github"]

    def test_is_left_to_whoever_has_one(self, assembly):
        stacks = assembly(repository=REPOSITORY, knows_github=True)
        assert "freehold-github" not in stacks
        assert of_type(stacks["freehold-launch-pipeline"], "AWS::IAM::Role")


class TestNobody:
    def test_deploys_from_github_unless_a_repository_is_named(self, assembly):
        assert cdk_json_context(ROOT)["repository"] == ""
        assert [name for name in assembly() if "pipeline" in name or "github" in name] == []
