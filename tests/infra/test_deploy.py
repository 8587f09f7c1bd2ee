"""`make deploy`: what it stops for, what it leaves behind, and that the CDK CLI takes what we synthesize."""

import json
import shutil
import subprocess
import sys

import pytest

from infra import deploy
from infra.cdk_cli import cdk
from infra.checklist import Account
from infra.errors import SynthesisError
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
STACKS = ("freehold-sandbox-api", "freehold-sandbox-workers")


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


class Endpoint:
    """A session whose clients call the emulator."""

    def __init__(self, session, endpoint):
        self.region_name, self._session, self._endpoint = aws.REGION, session, endpoint

    def client(self, service, region_name):
        return self._session.client(service, **aws.at(self._endpoint) | {"region_name": region_name})


class TestCli:
    def test_deploys_what_we_synthesize(self, environment, migrations, synthesize, tmp_path):
        """The api and its workers, into the emulator: packages, roles, change sets and all."""
        synthesize(ROOT, stage=STAGES["sandbox"], code="placeholder", architecture="host", out=tmp_path)
        try:
            command = cdk("deploy", "--app", str(tmp_path), *STACKS, "--exclusively")
        except SynthesisError as error:
            pytest.skip(str(error))
        said = subprocess.run(
            [*command, "--require-approval", "never", "--no-notices"], capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stderr
        assert "freehold-sandbox-api.ApiUrl = " in said.stderr + said.stdout

    def test_that_fails_is_a_sentence(self):
        with pytest.raises(SynthesisError, match="deploy: stopped"):
            deploy._run([sys.executable, "-c", "raise SystemExit(3)"])  # noqa: SLF001 (likewise)


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
