"""What the checklist asks about a domain: of AWS in words that it understands, and each lack with its cure."""

import datetime as dt

import pytest

from infra import checklist, domain_checks
from infra.checklist import Missing
from infra.domain import EDGE_SUBJECT, Domain
from infra.stage import LAUNCH, SANDBOX, SCALE
from tests.infra.domains import AT_CLOUDFRONT, BEHIND_THE_EDGE, DOMAIN, EDGE, HERE
from tests.infra.test_checklist import Session, account

REGION = "eu-central-1"
UNTIL = dt.datetime(2028, 1, 2, tzinfo=dt.UTC)
CLIENT = {
    "Status": "ISSUED",
    "Subject": EDGE_SUBJECT,
    "NotAfter": UNTIL,
    "ExtendedKeyUsages": [{"Name": "TLS_WEB_CLIENT_AUTHENTICATION"}],
}


@pytest.fixture
def aws():
    return Session(region=REGION)


class TestWhich:
    def test_none_where_there_is_no_domain(self):
        assert domain_checks.domain_checks(LAUNCH, None) == {}
        assert domain_checks.domain_checks(SANDBOX, None) == {}

    def test_one_for_a_name(self):
        assert list(domain_checks.domain_checks(LAUNCH, DOMAIN)) == ["certificate"]

    def test_more_behind_an_edge(self):
        found = list(domain_checks.domain_checks(SCALE, BEHIND_THE_EDGE))
        assert found == ["certificate", "edge bootstrap", "edge certificate", "edge client", "edge trust store"]

    def test_a_stage_with_an_edge_needs_a_domain(self, aws):
        [check] = domain_checks.domain_checks(SCALE, None).values()
        with pytest.raises(Missing, match="scale stands behind CloudFront") as missing:
            check(account(aws, stage=SCALE))
        assert missing.value.do.startswith("domains.scale in cdk.json")

    def test_are_part_of_the_checklist(self, aws):
        aws.refuses("sts", "get_caller_identity", "ExpiredToken")
        also = domain_checks.domain_checks(LAUNCH, DOMAIN)
        assert [finding.check for finding in checklist.findings(account(aws), also)][-1] == "certificate"


class TestCertificate:
    def look(self, aws, domain: Domain = DOMAIN, **described):
        found = {"DomainName": "api.acme.com", "Status": "ISSUED", **described}
        aws.answers("acm", "describe_certificate", {"Certificate": found}, {"CertificateArn": domain.certificate})
        return domain_checks.domain_checks(LAUNCH, domain)["certificate"](account(aws))

    @pytest.mark.parametrize("names", [["api.acme.com"], ["acme.com", "*.acme.com"], None])
    def test_is_issued_for_the_name(self, aws, names):
        described = {"SubjectAlternativeNames": names} if names else {}
        assert self.look(aws, **described) == "for api.acme.com"

    @pytest.mark.parametrize("names", [["acme.com"], ["*.api.acme.com"], ["*.com"], ["xapi.acme.com"], ["*.acme.org"]])
    def test_for_another_name_is_not(self, aws, names):
        with pytest.raises(Missing, match=r"not for api\.acme\.com") as missing:
            self.look(aws, SubjectAlternativeNames=names)
        assert missing.value.do == (
            "aws acm request-certificate --region eu-central-1 --validation-method DNS --domain-name api.acme.com"
        )

    @pytest.mark.parametrize("status", ["PENDING_VALIDATION", "EXPIRED", "REVOKED"])
    def test_that_is_not_issued_is_not(self, aws, status):
        with pytest.raises(Missing, match=f"it is {status}"):
            self.look(aws, Status=status)

    def test_of_another_region_is_not_looked_for(self):
        there = Session(region="eu-west-1")
        with pytest.raises(Missing, match="it lies in eu-central-1, and eu-west-1 is where"):
            domain_checks.certificate(account(there), HERE, "eu-west-1", "api.acme.com")

    def test_that_does_not_exist_comes_with_the_command(self, aws):
        aws.refuses("acm", "describe_certificate", "ResourceNotFoundException")
        with pytest.raises(Missing, match="does not exist"):
            domain_checks.certificate(account(aws), AT_CLOUDFRONT, "us-east-1", "api.acme.com")

    def test_behind_an_edge_is_for_the_origin(self, aws):
        with pytest.raises(Missing, match=r"not for origin\.acme\.com"):
            self.look(aws, BEHIND_THE_EDGE, SubjectAlternativeNames=["api.acme.com"])


class TestEdge:
    def look(self, aws, **described):
        found = CLIENT | described
        aws.answers("acm", "describe_certificate", {"Certificate": found}, {"CertificateArn": EDGE.client})
        return domain_checks.client(account(aws, stage=SCALE), EDGE)

    def test_shows_itself_under_the_name_that_is_believed(self, aws):
        assert self.look(aws) == "CN=freehold-edge, until 2028-01-02"

    @pytest.mark.parametrize("subject", ["CN=cloudfront", "CN=freehold-edge, O=Acme", ""])
    def test_under_another_name_is_nobody(self, aws, subject):
        with pytest.raises(Missing, match="nobody but CN=freehold-edge is believed"):
            self.look(aws, Subject=subject)

    def test_with_a_servers_certificate_is_nobody(self, aws):
        with pytest.raises(Missing, match="may not be used by a client"):
            self.look(aws, ExtendedKeyUsages=[{"Name": "TLS_WEB_SERVER_AUTHENTICATION"}])

    def test_with_an_expired_one_is_nobody(self, aws):
        with pytest.raises(Missing, match="it is EXPIRED"):
            self.look(aws, Status="EXPIRED")

    def test_has_its_authority_where_the_gateway_reads_it(self, aws):
        aws.answers("s3", "head_object", {}, {"Bucket": "acme-edge", "Key": "authority.pem"})
        assert domain_checks.truststore(account(aws, stage=SCALE), EDGE) == "s3://acme-edge/authority.pem"

    def test_without_its_authority_comes_with_the_command(self, aws):
        aws.refuses("s3", "head_object", "404")
        with pytest.raises(Missing, match="is not there") as missing:
            domain_checks.truststore(account(aws, stage=SCALE), EDGE)
        assert missing.value.do == "aws s3 cp edge-authority.pem s3://acme-edge/authority.pem"

    def test_needs_the_cdk_in_its_region(self, aws):
        aws.answers("sts", "get_caller_identity", {"Account": "123456789012", "Arn": "arn:aws:iam::1:role/x"}, {})
        aws.refuses("ssm", "get_parameter", "ParameterNotFound")
        with pytest.raises(Missing, match="never deployed to us-east-1") as missing:
            domain_checks.edge_bootstrap(account(aws, stage=SCALE))
        assert missing.value.do.endswith("bootstrap aws://123456789012/us-east-1")
