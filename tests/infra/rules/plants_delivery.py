"""What breaks the rules about canaries, instances of versions and the edge, planted where our stages lack these."""

from functions.manifest import FUNCTIONS
from infra.stage import STAGES
from tests.infra.rules.planted import GONE, OFF, Place, Planted, Templates, change, resource

GROUP, CONFIG, ALIAS = "AWS::CodeDeploy::DeploymentGroup", "AWS::CodeDeploy::DeploymentConfig", "AWS::Lambda::Alias"
DISTRIBUTION, FIREWALL = "AWS::CloudFront::Distribution", "AWS::WAFv2::WebACL"
SERVING = {function.name for function in FUNCTIONS if function.routes or function.name == "authorizer"}


def with_canaries(templates: Templates) -> None:
    """Each function that serves, as a deploy shifts it: its group by name, in a stack of its own."""
    canary = STAGES["launch"].canary
    routing = {
        "Type": "TimeBasedCanary",
        "TimeBasedCanary": {"CanaryPercentage": canary.percent, "CanaryInterval": canary.minutes},
    }
    _, alarm = resource(templates, "AWS::CloudWatch::Alarm", "Stripe tells in a version")
    alarm["Properties"]["AlarmName"] = "freehold-launch-api"
    made = {"Pace": {"Type": CONFIG, "Properties": {"TrafficRoutingConfig": routing}}}
    for template in [*templates.values()]:
        for name, body in template["Resources"].items():
            if body["Type"] == ALIAS and "Operators" not in name and "Migrations" not in name:
                body["UpdatePolicy"] = {
                    "CodeDeployLambdaAliasUpdate": {
                        "ApplicationName": "freehold-launch",
                        "DeploymentGroupName": f"group-{name}",
                        "BeforeAllowTrafficHook": "try",
                    }
                }
                made[f"{name}Group"] = {
                    "Type": GROUP,
                    "Properties": {
                        "DeploymentGroupName": f"group-{name}",
                        "DeploymentConfigName": {"Ref": "Pace"},
                        "AlarmConfiguration": {"Enabled": True, "Alarms": [{"Name": "freehold-launch-api"}]},
                        "AutoRollbackConfiguration": {
                            "Enabled": True,
                            "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
                        },
                    },
                }
    templates["delivery"] = {"Resources": made}


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


def by_version(templates: Templates) -> None:
    """Instances of the version that each alias leads to."""
    for template in templates.values():
        resources = template["Resources"]
        for body in resources.values():
            if body["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget":
                alias = next(name for name in resources if name in str(body["Properties"]["ResourceId"]))
                given = resources[alias]["Properties"]
                parts = ["function:", given["FunctionName"], ":", given["FunctionVersion"]]
                body["Properties"]["ResourceId"] = {"Fn::Join": ["", parts]}


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
        Planted(rule=rule, fault=fault, before=with_canaries)
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
    Planted(rule="warm-by-version", fault=back_to_the_alias, before=by_version, stage="growth"),
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
