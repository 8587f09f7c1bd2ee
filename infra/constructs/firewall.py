"""The firewall of the edge: who asks too often, who is known to be bad, and what no client of an API sends.

Nobody is refused for the words in a body. Bodies are what customers write, they are read strictly behind this, and a
pattern in a text says nothing about JSON; so rules about bodies count what they see, and block nothing.
"""

import json

from aws_cdk.aws_logs import LogGroup
from aws_cdk.aws_wafv2 import CfnLoggingConfiguration, CfnWebACL
from constructs import Construct

from infra.constructs.logs import arn_of, log_group
from infra.stage import Stage

SIGNED = "/stripe/webhooks"
"""Whoever has the signature right is Stripe, whatever the message looks like."""

WINDOW = 60
"""Seconds in which the requests of one address are counted."""

SHARE = 10
"""One address may ask for a tenth of what the stage allows to all."""

_COUNTED = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": ("JavaDeserializationRCE_BODY", "Log4JRCE_BODY", "ReactJSRCE_BODY"),
    "AWSManagedRulesCommonRuleSet": (
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "NoUserAgent_HEADER",
        "SizeRestrictions_BODY",
    ),
}
"""Rules of AWS's that only count, by their group: those about bodies, and that a program has to say its name."""

_TOO_OFTEN, _REFUSED = "too-often", 429
_PROBLEM = {
    "title": "Too Many Requests",
    "status": _REFUSED,
    "code": "rate_limited",
    "detail": f"Your network address asks more often than any may. Try again in {WINDOW} seconds.",
    "request_id": "",
    "rule": "firewall:address",
}


class Firewall(Construct):
    """A web ACL for CloudFront. It writes down what it blocks and counts, without anybody's token."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "Firewall")
        body = CfnWebACL.CustomResponseBodyProperty(content=json.dumps(_PROBLEM), content_type="APPLICATION_JSON")
        groups = [_managed(group, priority) for priority, group in enumerate(_COUNTED, start=1)]
        acl = CfnWebACL(
            self,
            "Acl",
            name=f"freehold-{stage.name}",
            scope="CLOUDFRONT",
            default_action=CfnWebACL.DefaultActionProperty(allow={}),
            custom_response_bodies={_TOO_OFTEN: body},
            rules=[_per_address(stage), *groups],
            visibility_config=_seen_as(f"freehold-{stage.name}"),
        )
        self.arn = acl.attr_arn
        logs = log_group(self, "Logs", stage, name=f"aws-waf-logs-freehold-{stage.name}")
        _write_down(self, acl, logs)


def _per_address(stage: Stage) -> CfnWebACL.RuleProperty:
    """The plans' own limits are for tenants; this one is for whoever has not shown who they are."""
    later = CfnWebACL.CustomHTTPHeaderProperty(name="retry-after", value=str(WINDOW))
    return CfnWebACL.RuleProperty(
        name=_TOO_OFTEN,
        priority=0,
        statement=CfnWebACL.StatementProperty(
            rate_based_statement=CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", evaluation_window_sec=WINDOW, limit=stage.requests_per_second * WINDOW // SHARE
            )
        ),
        action=CfnWebACL.RuleActionProperty(
            block=CfnWebACL.BlockActionProperty(
                custom_response=CfnWebACL.CustomResponseProperty(
                    response_code=_REFUSED, custom_response_body_key=_TOO_OFTEN, response_headers=[later]
                )
            )
        ),
        visibility_config=_seen_as(_TOO_OFTEN),
    )


def _managed(group: str, priority: int) -> CfnWebACL.RuleProperty:
    """A group of AWS's rules, for everything but what is signed."""
    count = CfnWebACL.RuleActionProperty(count={})
    overrides = [CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=count) for rule in _COUNTED[group]]
    statement = CfnWebACL.ManagedRuleGroupStatementProperty(
        vendor_name="AWS", name=group, rule_action_overrides=overrides or None, scope_down_statement=_not_signed()
    )
    return CfnWebACL.RuleProperty(
        name=group,
        priority=priority,
        statement=CfnWebACL.StatementProperty(managed_rule_group_statement=statement),
        override_action=CfnWebACL.OverrideActionProperty(none={}),
        visibility_config=_seen_as(group),
    )


def _not_signed() -> CfnWebACL.StatementProperty:
    signed = CfnWebACL.StatementProperty(
        byte_match_statement=CfnWebACL.ByteMatchStatementProperty(
            field_to_match=CfnWebACL.FieldToMatchProperty(uri_path={}),
            positional_constraint="EXACTLY",
            search_string=SIGNED,
            text_transformations=[CfnWebACL.TextTransformationProperty(priority=0, type="NONE")],
        )
    )
    return CfnWebACL.StatementProperty(not_statement=CfnWebACL.NotStatementProperty(statement=signed))


def _seen_as(metric: str) -> CfnWebACL.VisibilityConfigProperty:
    return CfnWebACL.VisibilityConfigProperty(
        metric_name=metric, cloud_watch_metrics_enabled=True, sampled_requests_enabled=False
    )


def _write_down(scope: Construct, acl: CfnWebACL, logs: LogGroup) -> None:
    """What passes is in CloudFront's own log. Samples are off: in the console, they would show tokens."""
    kept = [{"ActionCondition": {"Action": action}} for action in ("BLOCK", "COUNT", "EXCLUDED_AS_COUNT")]
    CfnLoggingConfiguration(
        scope,
        "Logging",
        resource_arn=acl.attr_arn,
        log_destination_configs=[arn_of(logs)],
        redacted_fields=[
            CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": header})
            for header in ("authorization", "cookie", "stripe-signature")
        ],
        logging_filter={
            "DefaultBehavior": "DROP",
            "Filters": [{"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": kept}],
        },
    )
