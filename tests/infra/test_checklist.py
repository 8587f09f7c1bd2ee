"""The checklist before a deployment: what it asks AWS for is what AWS understands, and what is missing has a cure."""

import json
from dataclasses import replace

import boto3
import pytest
from botocore.stub import Stubber

from infra import checklist
from infra.checklist import Account, Missing
from infra.stage import LAUNCH, SANDBOX

ISSUERS = json.dumps([{"issuer": "https://id.example.com/", "audience": "api"}])
NAME = "/freehold/launch/identity/issuers"


class Session:
    """A double: its clients hold what is asked of them against the service's model, and answer from here."""

    def __init__(self, region="eu-west-1"):
        self.region_name = region
        self.clients = {}

    def client(self, service, region_name):
        if service not in self.clients:
            made = boto3.Session().client(
                service, region_name=region_name, aws_access_key_id="x", aws_secret_access_key="x"
            )
            self.clients[service] = made, Stubber(made)
            self.clients[service][1].activate()
        return self.clients[service][0]

    def answers(self, service, operation, answer, expected):
        self.client(service, self.region_name)
        self.clients[service][1].add_response(operation, answer, expected)

    def refuses(self, service, operation, code):
        self.client(service, self.region_name)
        self.clients[service][1].add_client_error(operation, code)


@pytest.fixture
def aws():
    return Session()


def account(aws, *, stage=LAUNCH, fetch=None):
    return Account(stage, aws, fetch=fetch)


def provider(issuer):
    return lambda _address: json.dumps({"issuer": issuer}).encode()


class TestFindings:
    def test_say_that_nothing_can_be_seen_without_credentials(self, aws):
        aws.refuses("sts", "get_caller_identity", "ExpiredToken")
        found = list(checklist.findings(account(aws)))
        assert [finding.check for finding in found] == [*checklist.FIRST, *checklist.CHECKS]
        assert [finding.check for finding in found if finding.ok] == ["region"]
        assert "aws configure sso" in found[1].do
        assert {finding.found for finding in found[2:]} == {"not looked at before that"}

    def test_need_a_region(self):
        first = next(iter(checklist.findings(account(Session(region=None)))))
        assert (first.ok, first.found) == (False, "no region is chosen")

    def test_go_on_behind_a_right_that_is_missing(self, aws):
        aws.answers("sts", "get_caller_identity", {"Account": "123456789012", "Arn": "arn:aws:iam::1:role/x"}, {})
        aws.refuses("lambda", "get_account_settings", "AccessDeniedException")
        found = {finding.check: finding for finding in checklist.findings(account(aws, fetch=provider("x")))}
        assert "AccessDenied" in found["concurrency"].found
        assert found["concurrency"].do == "give whoever deploys the right to look at this"


class TestBootstrap:
    def test_is_there(self, aws):
        expected = {"Name": "/cdk-bootstrap/hnb659fds/version"}
        aws.answers("ssm", "get_parameter", {"Parameter": {"Value": "30"}}, expected)
        assert checklist.bootstrap(account(aws)) == "version 30"

    def test_or_the_command_for_it(self, aws):
        aws.answers("sts", "get_caller_identity", {"Account": "123456789012", "Arn": "arn:aws:iam::1:role/x"}, {})
        aws.refuses("ssm", "get_parameter", "ParameterNotFound")
        with pytest.raises(Missing) as missing:
            checklist.bootstrap(account(aws))
        assert missing.value.do.endswith("infra.cdk_cli bootstrap aws://123456789012/eu-west-1")


class TestIdentityProvider:
    def look(self, aws, value, fetch):
        aws.answers("ssm", "get_parameter", {"Parameter": {"Value": value}}, {"Name": NAME})
        return checklist.identity_provider(account(aws, fetch=fetch))

    def test_answers_for_itself(self, aws):
        assert self.look(aws, ISSUERS, provider("https://id.example.com/")) == "https://id.example.com/"

    @pytest.mark.parametrize("answered", [b"{}", b"not json", b"[]", b'{"issuer": "https://id.example.com"}'])
    def test_is_somebody_else(self, aws, answered):
        with pytest.raises(Missing) as missing:
            self.look(aws, ISSUERS, lambda _address: answered)
        assert NAME in missing.value.do

    @pytest.mark.parametrize("value", ["", "[]", "{}", "https://id.example.com", '[{"issuer": "https://x"}]'])
    def test_is_not_written_as_it_should_be(self, aws, value):
        with pytest.raises(Missing, match="is not a list like"):
            self.look(aws, value or " ", provider("x"))

    def test_is_not_asked_in_the_clear(self, aws):
        with pytest.raises(Missing, match="is not a list like"):
            self.look(aws, '[{"issuer": "http://id.example.com", "audience": "api"}]', provider("x"))


class TestCertificates:
    def test_are_those_that_aws_publishes(self, aws):
        published = checklist._TRUSTED.read_bytes()  # noqa: SLF001 (the file is the subject)
        assert "eu-west-1" in checklist.certificates(account(aws, fetch=lambda _address: published))

    def test_of_a_region_that_we_do_not_know(self, aws):
        with pytest.raises(Missing) as missing:
            checklist.certificates(account(aws, fetch=lambda _address: b""))
        assert missing.value.do.endswith(">> layers/freehold/database/amazon.pem")


class TestDatabase:
    @pytest.mark.parametrize(("stage", "size"), [(LAUNCH, "db.t4g.medium"), (SANDBOX, "db.serverless")])
    def test_is_offered(self, aws, stage, size):
        expected = {"Engine": "aurora-postgresql", "EngineVersion": stage.cell.engine, "DBInstanceClass": size}
        offered = {"OrderableDBInstanceOptions": [{"DBInstanceClass": size}]}
        aws.answers("rds", "describe_orderable_db_instance_options", offered, expected)
        assert size in checklist.engine(account(aws, stage=stage))

    def test_is_not(self, aws):
        aws.answers("rds", "describe_orderable_db_instance_options", {"OrderableDBInstanceOptions": []}, None)
        with pytest.raises(Missing, match="does not offer Aurora PostgreSQL"):
            checklist.engine(account(aws))


class TestConcurrency:
    @pytest.mark.parametrize(("allowed", "enough"), [(10, False), (50, True), (1000, True)])
    def test_is_what_the_stage_lets_in(self, aws, allowed, enough):
        aws.answers("lambda", "get_account_settings", {"AccountLimit": {"ConcurrentExecutions": allowed}}, {})
        try:
            assert checklist.concurrency(account(aws, stage=replace(LAUNCH, requests_per_second=500)))
        except Missing:
            assert not enough
        else:
            assert enough
