"""A name of the founder's own: what cdk.json may say, and what the API's template makes of it."""

import json
from copy import deepcopy

import pytest

from infra.domain import read_domain
from infra.errors import SynthesisError
from infra.lint import lint
from infra.stage import LAUNCH, SCALE
from tests.infra.domains import (
    AT_CLOUDFRONT,
    BEHIND_THE_EDGE,
    CONTEXT,
    DOMAIN,
    EDGE_CONTEXT,
    HERE,
    WITHOUT_ZONE,
    ZONE,
)
from tests.infra.templates import of_type, only


def refused(stage, given):
    with pytest.raises(SynthesisError) as error:
        read_domain({stage.name: given}, stage)
    return str(error.value)


class TestContext:
    def test_is_read(self):
        assert read_domain({"launch": CONTEXT}, LAUNCH) == DOMAIN
        assert read_domain({"scale": {**CONTEXT, "edge": EDGE_CONTEXT}}, SCALE) == BEHIND_THE_EDGE

    def test_of_another_stage_is_none(self):
        assert read_domain({"growth": CONTEXT}, LAUNCH) is None
        assert read_domain({}, SCALE) is None

    def test_of_no_stage_is_refused(self):
        with pytest.raises(SynthesisError, match="domains names no stage with 'lunch'"):
            read_domain({"lunch": CONTEXT}, LAUNCH)

    @pytest.mark.parametrize("missing", ["name", "certificate"])
    def test_that_lacks_something_is_refused(self, missing):
        given = {name: value for name, value in CONTEXT.items() if name != missing}
        assert refused(LAUNCH, given) == f"domains.launch lacks {missing}."

    @pytest.mark.parametrize("missing", EDGE_CONTEXT)
    def test_whose_edge_lacks_something_is_refused(self, missing):
        edge = {name: value for name, value in EDGE_CONTEXT.items() if name != missing}
        assert refused(SCALE, {**CONTEXT, "edge": edge}) == f"domains.scale.edge lacks {missing}."

    @pytest.mark.parametrize(
        ("field", "wrong"),
        [
            ("name", "https://api.acme.com"),
            ("name", "API.acme.com"),
            ("name", "localhost"),
            ("name", "*.acme.com"),
            ("name", "api.acme.com."),
            ("name", "a" * 64 + ".com"),
            ("certificate", "arn:aws:iam::123456789012:server-certificate/x"),
            ("certificate", ""),
            ("certificate", None),
            ("zone", "acme.com"),
            ("zone", ""),
        ],
    )
    def test_that_makes_no_sense_is_refused(self, field, wrong):
        assert refused(LAUNCH, {**CONTEXT, field: wrong}).startswith(
            f"domains.launch.{field} cannot be {wrong!r}: it is "
        )

    @pytest.mark.parametrize("wrong", ["acme-edge/authority.pem", "s3://acme-edge", "https://acme-edge/a.pem"])
    def test_whose_trust_store_is_no_file_is_refused(self, wrong):
        said = refused(SCALE, {**CONTEXT, "edge": {**EDGE_CONTEXT, "truststore": wrong}})
        assert said.startswith("domains.scale.edge.truststore cannot be")

    def test_with_words_that_nobody_knows_is_refused(self):
        assert refused(LAUNCH, {**CONTEXT, "zones": ZONE}).startswith("domains.launch has no 'zones': it knows name,")

    @pytest.mark.parametrize("given", [None, "api.acme.com", []])
    def test_that_is_no_object_is_refused(self, given):
        assert refused(LAUNCH, given) == f"domains.launch is an object, not {given!r}."

    @pytest.mark.parametrize("which", ["certificate", "client"])
    def test_whose_edge_looks_for_a_certificate_elsewhere_is_refused(self, which):
        said = refused(SCALE, {**CONTEXT, "edge": {**EDGE_CONTEXT, which: HERE}})
        assert said == f"domains.scale.edge.{which} lies in eu-central-1: CloudFront looks in us-east-1 alone."

    def test_of_a_stage_with_an_edge_needs_it(self):
        assert "domains.scale.edge is missing" in refused(SCALE, CONTEXT)

    def test_of_a_stage_without_an_edge_has_no_use_for_it(self):
        assert "launch has no CloudFront" in refused(LAUNCH, {**CONTEXT, "edge": EDGE_CONTEXT})

    def test_whose_origin_is_the_name_itself_is_refused(self):
        said = refused(SCALE, {**CONTEXT, "edge": {**EDGE_CONTEXT, "origin": CONTEXT["name"]}})
        assert "needs another name" in said


@pytest.fixture(scope="module")
def named(tree, synthesize):
    return synthesize(tree, code="placeholder", domain=DOMAIN)["gateway"]


@pytest.fixture(scope="module")
def behind(tree, synthesize):
    return synthesize(tree, stage=SCALE, code="placeholder", domain=BEHIND_THE_EDGE)["gateway"]


def ways_past(template):
    """Ways to the API past the domain: the address that AWS makes up, and names without what the edge shows."""
    api = only(template, "AWS::ApiGatewayV2::Api")
    open_names = [
        found["DomainName"]
        for found in of_type(template, "AWS::ApiGatewayV2::DomainName").values()
        if "MutualTlsAuthentication" not in found
    ]
    return open_names + ([] if api.get("DisableExecuteApiEndpoint") is True else ["execute-api"])


class TestTemplate:
    def test_answers_under_the_name_and_no_other(self, named):
        name = only(named, "AWS::ApiGatewayV2::DomainName")
        assert name["DomainName"] == "api.acme.com"
        assert only(named, "AWS::ApiGatewayV2::Api")["DisableExecuteApiEndpoint"] is True

    def test_speaks_tls_1_2_or_newer_with_the_certificate(self, named):
        [configuration] = only(named, "AWS::ApiGatewayV2::DomainName")["DomainNameConfigurations"]
        assert configuration == {"CertificateArn": HERE, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}

    def test_maps_the_name_to_the_stage_once_there_is_one(self, named):
        [(_, found)] = [
            each for each in named["Resources"].items() if each[1]["Type"] == "AWS::ApiGatewayV2::ApiMapping"
        ]
        assert found["Properties"]["Stage"] == "$default"
        [stage] = of_type(named, "AWS::ApiGatewayV2::Stage")
        assert stage in found["DependsOn"]

    def test_writes_the_record_where_a_zone_is_given(self, named):
        record = only(named, "AWS::Route53::RecordSet")
        assert (record["Name"], record["HostedZoneId"], record["Type"]) == ("api.acme.com", ZONE, "A")
        assert "DomainTarget" not in named["Outputs"]

    def test_tells_it_where_none_is(self, tree, synthesize):
        template = synthesize(tree, code="placeholder", domain=WITHOUT_ZONE)["gateway"]
        assert of_type(template, "AWS::Route53::RecordSet") == {}
        assert template["Outputs"]["DomainName"]["Value"] == "api.acme.com"
        assert "RegionalDomainName" in json.dumps(template["Outputs"]["DomainTarget"])

    def test_says_the_name_where_it_says_an_address(self, named):
        said = {name: output["Value"] for name, output in named["Outputs"].items()}
        assert said["ApiUrl"] == "https://api.acme.com"
        assert said["StripeWebhookUrl"] == "https://api.acme.com/stripe/webhooks"

    def test_without_a_domain_is_as_before(self, templates):
        template = templates["gateway"]
        assert of_type(template, "AWS::ApiGatewayV2::DomainName") == {}
        assert "DisableExecuteApiEndpoint" not in only(template, "AWS::ApiGatewayV2::Api")
        assert "Fn::GetAtt" in json.dumps(template["Outputs"]["ApiUrl"]) or "Ref" in json.dumps(
            template["Outputs"]["ApiUrl"]
        )

    def test_is_what_cloudformation_takes(self, named, behind):
        assert lint(json.dumps(named)) == []
        assert lint(json.dumps(behind)) == []


class TestBehindTheEdge:
    def test_nobody_gets_past_it(self, behind):
        assert ways_past(behind) == []

    def test_a_way_past_it_would_be_found(self, behind, named):
        planted = deepcopy(behind)
        only(planted, "AWS::ApiGatewayV2::Api").pop("DisableExecuteApiEndpoint")
        only(planted, "AWS::ApiGatewayV2::DomainName").pop("MutualTlsAuthentication")
        assert ways_past(planted) == ["origin.acme.com", "execute-api"]
        assert ways_past(named) == ["api.acme.com"]

    def test_the_gateway_answers_under_the_origins_name(self, behind):
        name = only(behind, "AWS::ApiGatewayV2::DomainName")
        assert name["DomainName"] == "origin.acme.com"
        assert name["MutualTlsAuthentication"] == {"TruststoreUri": "s3://acme-edge/authority.pem"}
        assert only(behind, "AWS::Route53::RecordSet")["Name"] == "origin.acme.com"

    def test_clients_are_told_the_public_one(self, behind):
        assert behind["Outputs"]["ApiUrl"]["Value"] == "https://api.acme.com"

    def test_the_certificates_are_of_their_regions(self, behind):
        assert AT_CLOUDFRONT not in json.dumps(behind)
