"""The checklist before a deployment: what it asks AWS for is what AWS understands, and what is missing has a cure."""

import datetime as dt
import json
from dataclasses import replace

import boto3
import pytest
from botocore.stub import Stubber
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from freehold.email.models import Letterhead
from freehold.settings import Settings
from infra import checklist
from infra.account import Account, Later, Missing
from infra.stage import LAUNCH, SANDBOX

ISSUERS = json.dumps([{"issuer": "https://id.example.com/", "audience": "api"}])
NO_ISSUERS = [
    "",
    "[]",
    "{}",
    "7",
    "https://id.example.com",
    '[{"issuer": "https://x"}]',
    '[{"issuer": "https://x", "audience": ["a", "b"]}]',
    '[{"issuer": "https://x", "audience": true}]',
    '[{"issuer": "https://x", "audience": "a", "name": "b"}]',
    '["https://x"]',
]
NAME = "/freehold/launch/identity/issuers"
SENDER = "/freehold/launch/mail/from"
PUBLIC_URL = "/freehold/launch/mail/public-url"


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


def certificate(name):
    """A self-signed one of that common name."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + dt.timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


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

    @pytest.mark.parametrize("value", NO_ISSUERS)
    def test_is_not_written_as_it_should_be(self, aws, value):
        with pytest.raises(Missing, match="is not a list like"):
            self.look(aws, value or " ", provider("x"))

    @pytest.mark.parametrize("value", [*NO_ISSUERS, ISSUERS])
    def test_is_what_the_authorizer_would_take(self, aws, value):
        try:
            taken = bool(Settings.model_validate({"issuers": value}).issuers)
        except ValidationError:
            taken = False
        assert taken == bool(checklist._issuers(value))  # noqa: SLF001 (its one rule)

    def test_is_not_asked_in_the_clear(self, aws):
        with pytest.raises(Missing, match="is not a list like"):
            self.look(aws, '[{"issuer": "http://id.example.com", "audience": "api"}]', provider("x"))


class TestCertificates:
    def test_are_those_that_aws_publishes(self, aws):
        published = checklist._TRUSTED.read_bytes()  # noqa: SLF001 (the file is the subject)
        assert "eu-west-1" in checklist.certificates(account(aws, fetch=lambda _address: published))

    def test_of_another_key_under_the_same_name_are_not_trusted(self, aws):
        forged = certificate("Amazon RDS eu-west-1 Root CA RSA2048 G1")
        with pytest.raises(Missing) as missing:
            checklist.certificates(account(aws, fetch=lambda _address: forged))
        assert missing.value.do.endswith(">> layers/freehold/database/amazon.pem")

    def test_of_another_authority_do_not_count(self, aws):
        other = certificate("Amazon RDS eu-west-1 Root CA ECC384 G1")
        with pytest.raises(Missing, match="holds no Amazon RDS eu-west-1 Root CA RSA2048 G1"):
            checklist.certificates(account(aws, fetch=lambda _address: other))


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


class TestZones:
    @pytest.mark.parametrize(("stage", "good"), [(LAUNCH, False), (SANDBOX, True)], ids=["launch", "sandbox"])
    def test_without_the_proxy_matter_where_there_is_one(self, aws, stage, good):
        zones = [("us-east-1b", "use1-az1"), ("us-east-1a", "use1-az3"), ("us-east-1c", "use1-az2")]
        found = [{"ZoneName": name, "ZoneId": identifier} for name, identifier in zones]
        aws.answers("ec2", "describe_availability_zones", {"AvailabilityZones": found}, {})
        if good:
            assert checklist.zones(account(aws, stage=stage)) == "use1-az3, use1-az1"
        else:
            with pytest.raises(Missing, match="cannot be in use1-az3"):
                checklist.zones(account(aws, stage=stage))


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


class TestMailSender:
    def look(self, aws, value, verified):
        """With what SES says of each identity; None for one that it does not know."""
        aws.answers("ssm", "get_parameter", {"Parameter": {"Value": value}}, {"Name": SENDER})
        for identity, good in verified.items():
            if good is None:
                aws.refuses("sesv2", "get_email_identity", "NotFoundException")
            else:
                answer = {"VerifiedForSendingStatus": good}
                aws.answers("sesv2", "get_email_identity", answer, {"EmailIdentity": identity})
        return checklist.mail_sender(account(aws))

    @pytest.mark.parametrize("value", ["no-reply@acme.com", "Acme <no-reply@acme.com>"])
    @pytest.mark.parametrize("verified", [{"no-reply@acme.com": True}, {"no-reply@acme.com": None, "acme.com": True}])
    def test_is_an_address_or_a_domain_that_is_verified(self, aws, value, verified):
        assert self.look(aws, value, verified) == value

    @pytest.mark.parametrize("domain", [None, False])
    def test_that_is_not_verified_comes_with_the_command_for_its_domain(self, aws, domain):
        with pytest.raises(Missing) as missing:
            self.look(aws, "no-reply@acme.com", {"no-reply@acme.com": None, "acme.com": domain})
        assert missing.value.do == "aws sesv2 create-email-identity --email-identity acme.com"

    @pytest.mark.parametrize("value", ["Acme", " "])
    def test_that_is_no_address_is_refused(self, aws, value):
        with pytest.raises(Missing, match="is not a sender like"):
            self.look(aws, value, {})

    def test_is_asked_for(self, aws):
        aws.refuses("ssm", "get_parameter", "ParameterNotFound")
        with pytest.raises(Missing) as missing:
            checklist.mail_sender(account(aws))
        assert SENDER in missing.value.do


class TestMailLinks:
    def look(self, aws, value):
        aws.answers("ssm", "get_parameter", {"Parameter": {"Value": value}}, {"Name": PUBLIC_URL})
        return checklist.public_url(account(aws))

    @pytest.mark.parametrize("value", ["https://app.acme.com", "https://acme.com:8443/app/"])
    def test_lead_to_an_address(self, aws, value):
        assert self.look(aws, value) == value
        assert Letterhead(name="Acme", public_url=value), "the mails take it as well"

    @pytest.mark.parametrize(
        "value", ["app.acme.com", "http://app.acme.com", "https://", "https://a b", "https://a/?x"]
    )
    def test_to_what_is_none_are_refused(self, aws, value):
        with pytest.raises(Missing, match="is not an address like"):
            self.look(aws, value)

    def test_are_asked_for(self, aws):
        aws.refuses("ssm", "get_parameter", "ParameterNotFound")
        with pytest.raises(Missing) as missing:
            checklist.public_url(account(aws))
        assert PUBLIC_URL in missing.value.do


class TestStripeKeys:
    SECRET = "freehold/launch/stripe"

    def test_were_written_by_somebody(self, aws):
        versions = {"VersionIdsToStages": {"1" * 32: ["AWSPREVIOUS"], "2" * 32: ["AWSCURRENT"]}}
        aws.answers("secretsmanager", "describe_secret", versions, {"SecretId": self.SECRET})
        assert checklist.stripe_keys(account(aws)) == "freehold/launch/stripe was written"

    def test_are_as_the_deploy_has_made_them(self, aws):
        versions = {"VersionIdsToStages": {"1" * 32: ["AWSCURRENT"]}}
        aws.answers("secretsmanager", "describe_secret", versions, {"SecretId": self.SECRET})
        with pytest.raises(Later, match="503 payments_not_set_up"):
            checklist.stripe_keys(account(aws))

    def test_have_no_place_before_the_first_deployment(self, aws):
        aws.refuses("secretsmanager", "describe_secret", "ResourceNotFoundException")
        with pytest.raises(Later) as later:
            checklist.stripe_keys(account(aws))
        assert "docs/runbooks/stripe.md" in later.value.do

    def test_that_are_missing_are_a_warning(self, aws):
        aws.answers("sts", "get_caller_identity", {"Account": "123456789012", "Arn": "arn:aws:iam::1:role/x"}, {})
        aws.refuses("secretsmanager", "describe_secret", "ResourceNotFoundException")
        found = {finding.check: finding for finding in checklist.findings(account(aws, fetch=provider("x")))}
        assert (found["Stripe keys"].ok, found["Stripe keys"].warns) == (False, True)
        assert [name for name, finding in found.items() if finding.warns] == ["Stripe keys"]
