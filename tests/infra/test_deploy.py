"""`make deploy`: what it stops for, what it leaves behind, and that the CDK CLI takes what we synthesize."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from infra import deploy
from infra.account import Account, Finding
from infra.cdk_cli import cdk
from infra.errors import SynthesisError
from infra.history import entry, history, note
from infra.stage import STAGES
from local import aws
from local.deployer import zipped
from local.emulator import Emulator
from tests.infra.conftest import ROOT

ISSUERS = json.dumps([{"issuer": "https://id.example.com/", "audience": "api"}])
PARAMETERS = {
    "network/vpc": "vpc-1",
    "network/subnets": "subnet-1,subnet-2",
    "cell/pool/clients": "sg-1",
    "cell/pool/conninfo": "host=127.0.0.1 dbname=freehold",
    "cell/pool/resource": "prx-1",
    "cell/pool/reader/conninfo": "host=127.0.0.1 dbname=freehold",
    "cell/pool/writer/conninfo": "host=127.0.0.1 dbname=freehold",
    "cell/pool/writer/resource": "cluster-1",
    "messaging/bus": "freehold-sandbox",
    "messaging/queues": "{}",
    "messaging/files": "files",
    "messaging/anchors": "anchors",
    "messaging/stripe": "arn:aws:secretsmanager:us-east-1:000000000000:secret:freehold/sandbox/stripe-AbCdEf",
    "messaging/telemetry": "arn:aws:secretsmanager:us-east-1:000000000000:secret:freehold/sandbox/telemetry-AbCdEf",
    "messaging/digest": "0",
    "mail/from": "no-reply@example.com",
    "mail/public-url": "https://app.example.com",
    "mail/digest": "0",
    "identity/issuers": ISSUERS,
    "identity/issuers-digest": "0",
}
STACKS = ("freehold-sandbox-api", "freehold-sandbox-workers", "freehold-sandbox-gateway")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory):
    with Emulator(tmp_path_factory.mktemp("emulator")) as running:
        for name, value in PARAMETERS.items():
            running.put_parameter(f"/freehold/sandbox/{name}", value)
        yield running


MIGRATES = """
from answer import Answer

def handler(event, context):
    Answer(event).succeeded({})
"""


@pytest.fixture(scope="module")
def migrations(emulator, tmp_path_factory):
    """A double of the schema stack's function: its own answer, and no database."""
    code = tmp_path_factory.mktemp("migrations")
    shutil.copy(ROOT / "functions/migrations/answer.py", code)
    (code / "handler.py").write_text(MIGRATES)
    functions = aws.session().client("lambda", **aws.at(emulator.endpoint))
    functions.create_function(
        FunctionName="freehold-sandbox-migrations",
        Runtime="python3.13",
        Handler="handler.handler",
        Role="arn:aws:iam::000000000000:role/x",
        Code={"ZipFile": zipped(code)},
    )
    functions.publish_version(FunctionName="freehold-sandbox-migrations")
    functions.create_alias(FunctionName="freehold-sandbox-migrations", Name="live", FunctionVersion="1")


@pytest.fixture
def environment(emulator, monkeypatch):
    for name, value in {**aws.CREDENTIALS, "AWS_ENDPOINT_URL": emulator.endpoint, "AWS_REGION": aws.REGION}.items():
        monkeypatch.setenv(name, value)


def run(*arguments):
    command = [sys.executable, "-m", "infra.deploy", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


class TestChecklist:
    def test_that_is_not_complete_stops_it(self, environment):
        said = run("--stage", "launch")
        assert said.returncode == 1
        assert "missing  identity provider  /freehold/launch/identity/issuers is not written" in said.stdout
        assert "> aws ssm put-parameter" in said.stdout
        assert "docs/runbooks/first-deployment.md" in said.stdout

    def test_is_json_for_a_pipeline(self, environment):
        found = json.loads(run("--stage", "launch", "--check", "--json").stdout)
        assert {"region", "credentials", "bootstrap"} <= {finding["check"] for finding in found if finding["ok"]}

    def test_of_no_such_profile_is_a_sentence(self, environment, monkeypatch):
        monkeypatch.setenv("AWS_PROFILE", "nobody")
        said = run("--stage", "launch")
        assert (said.returncode, "Traceback" in said.stderr) == (1, False)
        assert "nobody" in said.stderr

    def test_of_no_such_stage_is_a_sentence(self):
        said = run("--stage", "production")
        assert (said.returncode, said.stdout) == (1, "")
        assert said.stderr.startswith("There is no stage 'production'")

    def test_is_explained_with_an_example(self):
        assert "make deploy STAGE=launch" in run("--help").stdout


class TestDigests:
    @pytest.mark.parametrize(
        ("name", "digest"),
        [
            ("identity/issuers", "identity/issuers-digest"),
            ("mail/from", "mail/digest"),
            ("mail/public-url", "mail/digest"),
        ],
    )
    def test_are_others_when_the_value_is(self, emulator, name, digest):
        account = Account(STAGES["sandbox"], Endpoint(aws.session(), emulator.endpoint))
        digests = []
        for value in (ISSUERS, "[]", ISSUERS):
            emulator.put_parameter(f"/freehold/sandbox/{name}", value)
            deploy._note_digests(account)  # noqa: SLF001 (one step of a deploy)
            digests.append(account.parameter(f"/freehold/sandbox/{digest}"))
        assert digests[0] == digests[2] != digests[1]


class TestWarnings:
    def test_let_a_deployment_go_on(self, monkeypatch, capsys):
        found = [Finding(check="Stripe keys", ok=False, found="none", do="write them", warns=True)]
        monkeypatch.setattr(deploy, "findings", lambda _account, _also: iter(found))
        assert deploy._checked(None, {}, as_json=False)  # noqa: SLF001 (one step of a deploy)
        assert "warning  Stripe keys" in capsys.readouterr().out

    def test_are_none_where_it_cannot(self, monkeypatch, capsys):
        found = [Finding(check="region", ok=False, found="none", do="choose one")]
        monkeypatch.setattr(deploy, "findings", lambda _account, _also: iter(found))
        assert not deploy._checked(None, {}, as_json=False)  # noqa: SLF001 (likewise)
        assert "missing  region" in capsys.readouterr().out


class TestHistory:
    """As SSM of the emulator keeps it."""

    @pytest.fixture
    def account(self, emulator, request):
        stage = replace(STAGES["sandbox"], name=f"of-{request.node.name.replace('_', '-')}")
        return Account(stage, Endpoint(aws.session(), emulator.endpoint))

    def test_says_what_began_and_how_it_ended(self, account):
        assert deploy._noted(account, lambda: 0) == 0  # noqa: SLF001 (one step of a deploy)
        assert deploy._noted(account, lambda: 1) == 1  # noqa: SLF001 (likewise)
        found = history(account.ssm, account.stage)
        assert [noted.entry.outcome for noted in found] == ["failed", "started", "succeeded", "started"]
        assert len({noted.entry.commit.rstrip("+") for noted in found}) == 1
        assert len(found[0].entry.commit.rstrip("+")) == 40
        assert found[0].when >= found[-1].when

    def test_says_that_a_step_stopped_it(self, account):
        def stopped():
            raise SynthesisError("deploy: stopped")

        with pytest.raises(SynthesisError):
            deploy._noted(account, stopped)  # noqa: SLF001 (likewise)
        assert [noted.entry.outcome for noted in history(account.ssm, account.stage)] == ["failed", "started"]

    def test_of_a_stage_that_was_never_deployed_is_empty(self, account):
        assert history(account.ssm, account.stage) == []

    def test_names_the_person_at_github_and_the_run(self, account):
        environment = {
            "GITHUB_ACTOR": "alice",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "acme/product",
            "GITHUB_RUN_ID": "7",
        }
        note(account.ssm, account.stage, entry(ROOT, "arn:aws:sts::1:assumed-role/x/y", "started", environment))
        [noted] = history(account.ssm, account.stage)
        assert (noted.entry.who, noted.entry.run) == ("alice", "https://github.com/acme/product/actions/runs/7")

    def test_names_whom_aws_knows_else(self, account):
        found = entry(ROOT, "arn:aws:sts::1:assumed-role/admin/alice", "started", {})
        assert (found.who, found.run) == ("assumed-role/admin/alice", "")

    def test_goes_without_git(self, tmp_path):
        assert entry(tmp_path, "arn:aws:iam::1:user/alice", "started", {}).commit == ""

    def test_goes_round_after_a_hundred(self, account):
        for _ in range(51):
            deploy._noted(account, lambda: 0)  # noqa: SLF001 (likewise)
        found = history(account.ssm, account.stage)
        assert found[0].entry.outcome == "succeeded"
        assert len(found) >= 100


class Endpoint:
    """A session whose clients call the emulator."""

    def __init__(self, session, endpoint):
        self.region_name, self._session, self._endpoint = aws.REGION, session, endpoint

    def client(self, service, region_name):
        return self._session.client(service, **aws.at(self._endpoint) | {"region_name": region_name})


class TestCli:
    def test_deploys_what_we_synthesize(self, environment, migrations, synthesize, tmp_path):
        """The api, its workers and the gateway, into the emulator: packages, roles, change sets and all."""
        synthesize(ROOT, stage=STAGES["sandbox"], code="placeholder", architecture="host", out=tmp_path)
        try:
            command = cdk("deploy", "--app", str(tmp_path), *STACKS, "--exclusively")
        except SynthesisError as error:
            pytest.skip(str(error))
        said = subprocess.run(
            [*command, "--require-approval", "never", "--no-notices"], capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr
        assert "freehold-sandbox-gateway.ApiUrl = " in said.stderr + said.stdout

    def test_that_fails_is_a_sentence(self):
        with pytest.raises(SynthesisError, match="deploy: stopped"):
            deploy._run([sys.executable, "-c", "raise SystemExit(3)"])  # noqa: SLF001 (likewise)


class TestRecords:
    def test_are_told_where_nobody_gave_a_zone(self):
        outputs = {
            "freehold-scale-api": {"DomainName": "origin.acme.com", "DomainTarget": "d-1.execute-api.eu.amazonaws.com"},
            "freehold-scale-edge": {"DomainName": "api.acme.com", "DomainTarget": "d2.cloudfront.net"},
            "freehold-scale-workers": {"Other": "x"},
        }
        assert list(deploy._records(outputs)) == [  # noqa: SLF001 (one step of a deploy)
            "deploy: origin.acme.com has to lead to d-1.execute-api.eu.amazonaws.com, by a CNAME in your DNS",
            "deploy: api.acme.com has to lead to d2.cloudfront.net, by a CNAME in your DNS",
        ]

    def test_are_nobodys_business_where_there_are_none(self):
        assert list(deploy._records({"freehold-launch-api": {"ApiUrl": "x"}})) == []  # noqa: SLF001 (likewise)


class TestAnswering:
    @pytest.fixture
    def ask(self, monkeypatch, capsys):
        """What is said about an API that answers with these two statuses."""
        monkeypatch.setattr(deploy, "_HEALTHY_SECONDS", 0)

        def said(health, tenants):
            statuses = {"https://api/health": health, "https://api/v1/tenants": tenants}
            monkeypatch.setattr(deploy, "_status", statuses.__getitem__)
            return deploy._answering("https://api"), capsys.readouterr().out  # noqa: SLF001 (likewise)

        return said

    def test_means_database_and_authorizer(self, ask):
        assert ask(200, 401) == (0, "deploy: https://api answers, and so do its authorizer and its database\n")

    @pytest.mark.parametrize(("health", "tenants"), [(503, 401), (200, 500), ("refused", 401)])
    def test_says_who_does_not(self, ask, health, tenants):
        code, said = ask(health, tenants)
        assert code == 1
        assert "instead of" in said

    def test_of_nobody_is_the_reason(self):
        assert "refused" in str(deploy._status("http://127.0.0.1:1/health")).lower()  # noqa: SLF001 (likewise)
