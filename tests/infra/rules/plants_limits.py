"""What breaks the rules about what AWS takes, and about stacks that deploy alone."""

from tests.infra.rules.planted import Place, Planted, Templates, append, change, resource

FUNCTION, VERSION, ROLE = "AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::IAM::Role"
PARAMETER = "AWS::SSM::Parameter"


def fill(number: int, words: str, *, at: str):
    """A stack of so many more resources that nobody looks at."""

    def fault(templates: Templates) -> Place:
        bare = {"Type": "AWS::CloudFormation::WaitConditionHandle", "Properties": {"Words": words}}
        templates["schema"]["Resources"] |= {f"Planted{number}": bare for number in range(number)}
        return "schema", at

    return fault


def many_routes(templates: Templates) -> Place:
    """Copies of one that is declared, with what it leads to, where there is room for so many."""
    (stack, _), route = resource(templates, "AWS::ApiGatewayV2::Route", '"GET /v1/projects"')
    (_, authorizer), asked = resource(templates, "AWS::ApiGatewayV2::Authorizer")
    integration = route["Properties"]["Target"]["Fn::Join"][1][1]["Ref"]
    alias = "arn:aws:lambda:region:account:function:freehold-launch-{}:live"
    called = {"IntegrationUri": alias.format("projects")}
    asking = {**asked["Properties"], "AuthorizerUri": alias.format("authorizer")}
    templates["schema"]["Resources"] |= {
        integration: {"Type": templates[stack]["Resources"][integration]["Type"], "Properties": called},
        authorizer: {"Type": asked["Type"], "Properties": asking},
        **{f"Planted{number}": route for number in range(290)},
    }
    return "schema", route["Properties"]["ApiId"]["Ref"]


def export(templates: Templates) -> Place:
    templates["gateway"]["Outputs"]["ApiId"]["Export"] = {"Name": "api"}
    return "gateway", "ApiId"


def forget_to_write(templates: Templates) -> Place:
    """What the next stack reads."""
    (stack, name), _ = resource(templates, PARAMETER, "cell/pool/writer/resource")
    del templates[stack]["Resources"][name]
    parameters = templates["schema"]["Parameters"]
    # The workers read it too; they are not what this is about.
    [other] = [
        each for each, body in templates["workers"]["Parameters"].items() if body["Default"].endswith("writer/resource")
    ]
    templates["workers"]["Parameters"].pop(other)
    return "schema", next(each for each, body in parameters.items() if body["Default"].endswith("writer/resource"))


LONG = [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": [f"arn:aws:logs:{n:0>200}" for n in range(60)]}]

PLANTED = (
    Planted(rule="stacks-leave-room", fault=fill(391, "", at="Resources")),
    Planted(rule="templates-leave-room", fault=fill(1, "x" * 1_000_000, at="Template")),
    Planted(rule="apis-leave-room", fault=many_routes),
    Planted(rule="names-fit", fault=change("AWS::Scheduler::Schedule", "Name", "x" * 65)),
    Planted(rule="names-fit", fault=change(ROLE, "RoleName", "x" * 65)),
    Planted(rule="descriptions-fit", fault=append(VERSION, "Description/Fn::Join/1", " and much more" * 8, "Projects")),
    Planted(
        rule="settings-fit",
        fault=change(FUNCTION, "Environment/Variables/OTEL_MUCH", "x" * 4096, "freehold-launch-projects"),
    ),
    Planted(rule="policies-fit", fault=append(ROLE, "Policies/0/PolicyDocument/Statement", LONG[0], "ProjectsRole")),
    Planted(rule="stacks-deploy-alone", fault=export),
    Planted(
        rule="stacks-deploy-alone", fault=change("AWS::Events::Archive", "Description", {"Fn::ImportValue": "bus"})
    ),
    Planted(
        rule="stacks-deploy-alone",
        fault=change("AWS::Events::Archive", "Description", {"Fn::GetStackOutput": ["a", "b"]}),
    ),
    Planted(rule="parameters-are-written-before-they-are-read", fault=forget_to_write),
)
