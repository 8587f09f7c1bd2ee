"""What breaks the rules about canaries, instances of versions and the edge, which is planted where a stage lacks it."""

from tests.infra.rules.planted import GONE, OFF, Place, Planted, Templates, change, resource

GROUP, ALIAS = "AWS::CodeDeploy::DeploymentGroup", "AWS::Lambda::Alias"
DISTRIBUTION, FIREWALL = "AWS::CloudFront::Distribution", "AWS::WAFv2::WebACL"


def with_an_edge(templates: Templates) -> None:
    """A distribution behind a firewall that counts."""
    counts = {"Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}}}
    config = {"WebACLId": "arn:acl", "DefaultCacheBehavior": {"ViewerProtocolPolicy": "https-only"}}
    templates["edge"] = {
        "Resources": {
            "Distribution": {"Type": DISTRIBUTION, "Properties": {"DistributionConfig": config}},
            "Firewall": {"Type": FIREWALL, "Properties": {"Rules": [counts]}},
        }
    }


def back_to_the_alias(templates: Templates) -> Place:
    place, body = resource(templates, "AWS::ApplicationAutoScaling::ScalableTarget")
    body["Properties"]["ResourceId"] = "function:freehold-growth-authorizer:live"
    return place


def take_the_edge_away(templates: Templates) -> Place:
    del templates["edge"]["Resources"]["Distribution"]
    return "edge", DISTRIBUTION


SHIFTING = "^UpdatePolicy/CodeDeployLambdaAliasUpdate"
DEFAULT = "DistributionConfig/DefaultCacheBehavior/ViewerProtocolPolicy"

PLANTED = (
    *(
        Planted(rule=rule, fault=fault)
        for rule, fault in (
            ("canaries-for-who-serves", change(ALIAS, "^UpdatePolicy", {}, "Projects")),
            ("canaries-for-who-serves", change(ALIAS, f"{SHIFTING}/DeploymentGroupName", "another", "Authorizer")),
            ("canaries-are-tried-first", change(ALIAS, f"{SHIFTING}/BeforeAllowTrafficHook", GONE, "Projects")),
            ("canaries-are-watched", change(GROUP, "AlarmConfiguration", GONE)),
            ("canaries-are-watched", change(GROUP, "AlarmConfiguration/Enabled", OFF)),
            ("canaries-are-watched", change(GROUP, "AlarmConfiguration/Alarms", [{"Name": "nobody"}])),
            ("canaries-go-back", change(GROUP, "AutoRollbackConfiguration", GONE)),
            ("canaries-go-back", change(GROUP, "AutoRollbackConfiguration/Events", ["DEPLOYMENT_FAILURE"])),
            (
                "canaries-keep-the-stages-pace",
                change(GROUP, "DeploymentConfigName", "CodeDeployDefault.LambdaAllAtOnce"),
            ),
        )
    ),
    Planted(rule="warm-by-version", fault=back_to_the_alias, stage="growth"),
    *(
        Planted(rule=rule, fault=fault, before=with_an_edge, stage="scale")
        for rule, fault in (
            ("edges-stand-where-they-are-paid-for", take_the_edge_away),
            ("edges-have-a-firewall", change(DISTRIBUTION, "DistributionConfig/WebACLId", GONE)),
            ("edges-refuse-plain-text", change(DISTRIBUTION, DEFAULT, "allow-all")),
            ("firewalls-count", change(FIREWALL, "Rules", [])),
        )
    ),
)
