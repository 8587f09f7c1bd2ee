"""The edge: what passes, what does not, what is written down, and that CloudFront alone is let in behind it."""

import json
import subprocess
from copy import deepcopy

import pytest

from functions.manifest import FUNCTIONS
from infra.constructs import distribution, firewall
from infra.constructs.distribution import LOGGED
from infra.constructs.firewall import SIGNED
from infra.lint import lint
from infra.node import bundled_node
from infra.options import Options
from infra.stage import LAUNCH, SCALE
from tests.infra.domains import AT_CLOUDFRONT, BEHIND_THE_EDGE, DOMAIN, EDGE, ZONE
from tests.infra.templates import of_type, only

CDN, ACL = "AWS::CloudFront::Distribution", "AWS::WAFv2::WebACL"


@pytest.fixture(scope="module")
def assembly(tree, synthesize):
    return synthesize(tree, stage=SCALE, code="placeholder", domain=BEHIND_THE_EDGE)


@pytest.fixture(scope="module")
def edge(assembly):
    return assembly["edge"]


@pytest.fixture
def planted(edge):
    """A copy to break."""
    return deepcopy(edge)


@pytest.fixture
def cdn(edge):
    return only(edge, CDN)["DistributionConfig"]


@pytest.fixture
def rules(edge):
    return {rule["Name"]: rule for rule in only(edge, ACL)["Rules"]}


def refuses_words(template):
    """Rules of AWS's about bodies that block, of those that we know of."""
    about_bodies = {
        "AWSManagedRulesCommonRuleSet": {
            *("SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY"),
            "EC2MetaDataSSRF_BODY",
        },
        "AWSManagedRulesKnownBadInputsRuleSet": {"JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"},
    }
    blocking = set()
    for rule in only(template, ACL)["Rules"]:
        group = rule["Statement"].get("ManagedRuleGroupStatement", {})
        counted = {each["Name"] for each in group.get("RuleActionOverrides", []) if "Count" in each["ActionToUse"]}
        blocking |= about_bodies.get(group.get("Name"), set()) - counted
    return blocking


def looked_at_though_signed(template):
    """Groups of AWS's rules that look at what Stripe has signed."""
    groups = [rule["Statement"].get("ManagedRuleGroupStatement") for rule in only(template, ACL)["Rules"]]
    return [group["Name"] for group in groups if group and not _leaves_out(group.get("ScopeDownStatement", {}), SIGNED)]


def _leaves_out(scope, path):
    match = scope.get("NotStatement", {}).get("Statement", {}).get("ByteMatchStatement", {})
    exactly = match.get("PositionalConstraint") == "EXACTLY" and match.get("FieldToMatch") == {"UriPath": {}}
    return exactly and match.get("SearchString") == path


class TestStack:
    def test_exists_where_the_stage_has_one_and_a_domain(self, assembly, tree, synthesize, dial):
        assert list(assembly)[-1] == "edge"
        assert "edge" not in json.loads(dial["scale"])
        assert "edge" not in synthesize(tree, stage=LAUNCH, code="placeholder", domain=DOMAIN)

    def test_is_where_cloudfront_looks_and_after_the_others(self, tree, tmp_path):
        from infra.synth import synthesize as write_assembly  # noqa: PLC0415 - loading CDK takes seconds

        stacks = write_assembly(
            tree, Options(stage=SCALE, out=tmp_path, code="placeholder", domain=BEHIND_THE_EDGE)
        ).stacks
        edge = stacks[-1]
        assert (edge.stack_name, edge.environment.region) == ("freehold-scale-edge", "us-east-1")
        assert "freehold-scale-gateway" in {each.id for each in edge.dependencies}

    def test_reads_nothing_of_another_region(self, edge):
        assert {declared["Default"] for declared in edge["Parameters"].values()} == {"/cdk-bootstrap/hnb659fds/version"}

    def test_is_what_cloudformation_takes(self, edge):
        assert lint(json.dumps(edge)) == []

    def test_what_it_does_not_take_would_be_found(self, planted):
        only(planted, CDN)["DistributionConfig"]["Origins"][0]["CustomOriginConfig"]["OriginMtlsConfig"] = {"Arn": 7}
        assert lint(json.dumps(planted)) != []

    def test_holds_no_secret(self, edge):
        assert "resolve:" not in json.dumps(edge)
        assert "OriginCustomHeaders" not in json.dumps(edge)


class TestDistribution:
    def test_answers_to_the_name_with_its_certificate(self, cdn):
        assert cdn["Aliases"] == ["api.acme.com"]
        assert cdn["ViewerCertificate"] == {
            "AcmCertificateArn": AT_CLOUDFRONT,
            "MinimumProtocolVersion": "TLSv1.2_2021",
            "SslSupportMethod": "sni-only",
        }
        assert (cdn["HttpVersion"], cdn["IPV6Enabled"]) == ("http2and3", True)
        assert cdn["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"

    def test_shows_the_origin_who_it_is(self, cdn):
        [origin] = cdn["Origins"]
        assert origin["DomainName"] == "origin.acme.com"
        assert origin["CustomOriginConfig"]["OriginMtlsConfig"] == {"ClientCertificateArn": EDGE.client}
        assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
        assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]

    def test_waits_longer_than_the_gateway(self):
        assert distribution.READ_TIMEOUT > 30

    def test_caches_nothing_and_passes_every_method(self, cdn):
        behaviour = cdn["DefaultCacheBehavior"]
        assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS's CachingDisabled
        methods = {route.split(" ")[0] for function in FUNCTIONS for route in function.routes}
        assert methods | {"OPTIONS"} <= set(behaviour["AllowedMethods"])

    def test_passes_on_everything_but_the_host_and_cookies(self, edge):
        passed = only(edge, "AWS::CloudFront::OriginRequestPolicy")["OriginRequestPolicyConfig"]
        assert passed["HeadersConfig"] == {"HeaderBehavior": "allExcept", "Headers": ["host"]}
        assert passed["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
        assert passed["CookiesConfig"] == {"CookieBehavior": "none"}

    def test_stands_behind_the_firewall(self, edge, cdn):
        [acl] = of_type(edge, ACL)
        assert cdn["WebACLId"] == {"Fn::GetAtt": [acl, "Arn"]}

    def test_writes_down_who_asked_for_what_without_queries(self, edge):
        assert only(edge, "AWS::Logs::DeliverySource")["LogType"] == "ACCESS_LOGS"
        fields = only(edge, "AWS::Logs::Delivery")["RecordFields"]
        assert fields == list(LOGGED)
        assert not {"cs-uri-query", "cs(Cookie)", "cs(Referer)"} & set(fields)

    def test_is_found_under_the_name(self, edge):
        records = of_type(edge, "AWS::Route53::RecordSet").values()
        assert {(record["Name"], record["HostedZoneId"], record["Type"]) for record in records} == {
            ("api.acme.com", ZONE, "A"),
            ("api.acme.com", ZONE, "AAAA"),
        }


class TestFirewall:
    def test_is_for_cloudfront_and_lets_through_what_no_rule_refuses(self, edge):
        acl = only(edge, ACL)
        assert (acl["Scope"], acl["DefaultAction"]) == ("CLOUDFRONT", {"Allow": {}})

    def test_counts_by_address_what_the_stage_allows(self, rules):
        statement = rules["too-often"]["Statement"]["RateBasedStatement"]
        assert statement["Limit"] / statement["EvaluationWindowSec"] == SCALE.requests_per_second / 10
        assert statement["AggregateKeyType"] == "IP"

    def test_refuses_haste_with_a_problem_and_when_to_come_back(self, edge, rules):
        answer = rules["too-often"]["Action"]["Block"]["CustomResponse"]
        assert answer["ResponseCode"] == 429
        assert answer["ResponseHeaders"] == [{"Name": "retry-after", "Value": "60"}]
        body = json.loads(only(edge, ACL)["CustomResponseBodies"][answer["CustomResponseBodyKey"]]["Content"])
        assert {"title", "status", "code", "detail", "request_id", "rule"} == body.keys()
        assert (body["status"], body["code"]) == (429, "rate_limited")

    def test_knows_bad_addresses_and_bad_input(self, rules):
        assert list(rules) == [
            "too-often",
            "AWSManagedRulesAmazonIpReputationList",
            "AWSManagedRulesKnownBadInputsRuleSet",
            "AWSManagedRulesCommonRuleSet",
        ]

    def test_refuses_nobody_for_the_words_in_a_body(self, edge):
        assert refuses_words(edge) == set()

    def test_a_rule_that_refuses_words_would_be_found(self, planted):
        group = only(planted, ACL)["Rules"][3]["Statement"]["ManagedRuleGroupStatement"]
        group["RuleActionOverrides"] = [each for each in group["RuleActionOverrides"] if "Size" not in each["Name"]]
        assert refuses_words(planted) == {"SizeRestrictions_BODY"}

    def test_lets_pass_what_stripe_has_signed(self, edge):
        assert f"POST {SIGNED}" in {route for function in FUNCTIONS for route in function.routes}
        assert looked_at_though_signed(edge) == []

    @pytest.mark.parametrize("wider", ["STARTS_WITH", "CONTAINS"])
    def test_an_exception_for_more_than_that_would_be_found(self, planted, wider):
        group = only(planted, ACL)["Rules"][1]["Statement"]["ManagedRuleGroupStatement"]
        match = group["ScopeDownStatement"]["NotStatement"]["Statement"]["ByteMatchStatement"]
        match["PositionalConstraint"] = wider
        assert looked_at_though_signed(planted) == [group["Name"]]

    def test_writes_down_what_it_refuses_without_secrets(self, edge):
        logging = only(edge, "AWS::WAFv2::LoggingConfiguration")
        assert {field["SingleHeader"]["Name"] for field in logging["RedactedFields"]} >= {"authorization", "cookie"}
        assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
        assert "aws-waf-logs-freehold-scale" in {
            group.get("LogGroupName") for group in of_type(edge, "AWS::Logs::LogGroup").values()
        }

    def test_samples_nothing_which_would_show_tokens(self, edge):
        assert '"SampledRequestsEnabled": true' not in json.dumps(edge)

    def test_says_what_its_problem_says_in_seconds(self):
        assert str(firewall.WINDOW) in json.dumps(firewall._PROBLEM)  # noqa: SLF001 (what a client reads)


class TestLogs:
    def test_end_as_the_stage_says(self, edge):
        groups = of_type(edge, "AWS::Logs::LogGroup").values()
        assert [group["RetentionInDays"] for group in groups] == [SCALE.log_retention_days] * 2


def run(headers, address="2001:db8::7"):
    """What CloudFront's function makes of a request, on the Node that CDK runs on."""
    event = {"viewer": {"ip": address}, "request": {"headers": {k: {"value": v} for k, v in headers.items()}}}
    code = distribution._VIEWER.read_text()  # noqa: SLF001 (the file is the subject)
    script = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"
    said = subprocess.run([bundled_node(), "-e", script], capture_output=True, text=True, check=True)
    return {name: header["value"] for name, header in json.loads(said.stdout)["headers"].items()}


class TestViewer:
    def test_says_who_asks_and_for_which_host(self):
        passed = run({"host": "api.acme.com", "authorization": "Bearer x"})
        assert passed["freehold-viewer-address"] == "2001:db8::7"
        assert passed["freehold-viewer-host"] == "api.acme.com"
        assert passed["authorization"] == "Bearer x"

    def test_believes_no_client_about_that(self):
        forged = {"freehold-viewer-address": "192.0.2.66", "freehold-viewer-host": "evil.example"}
        passed = run({"host": "api.acme.com", **forged})
        assert "192.0.2.66" not in passed.values()
        assert "evil.example" not in passed.values()
