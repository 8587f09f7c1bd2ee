"""Who may deploy from GitHub: nobody has a key, a workflow's token becomes a role for an hour.

a job of the environment `launch` ──▶ its token ──▶ GitHub's provider ──▶ the role of launch ──▶ the CDK's own roles

GitHubStack     the identity provider: one for an account, the same for each stage that lives there
PipelineStack   the role of one stage
"""

from aws_cdk import Acknowledgment, App, Aws, CfnOutput, Stack, Validations
from aws_cdk.aws_iam import CfnOIDCProvider, PolicyDocument, PolicyStatement, Role, WebIdentityPrincipal
from constructs import Construct

from infra.stage import Stage

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
_CDK_ROLES = ("deploy", "file-publishing", "lookup")
"""Of those that the bootstrap makes. CloudFormation's own, which may do everything, is handed over by the first."""
_LOOKS_AT = ("ec2:DescribeAvailabilityZones", "lambda:GetAccountSettings", "rds:DescribeOrderableDBInstanceOptions")
"""What the checklist asks for and IAM cannot narrow."""


class GitHubStack(Stack):
    """Its template is the same whichever stage brings it."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(
            scope,
            "freehold-github",
            description="Freehold: the identity provider of GitHub's workflows",
            termination_protection=True,
        )
        CfnOIDCProvider(self, "Provider", url=f"https://{ISSUER}", client_id_list=[AUDIENCE])


class PipelineStack(Stack):
    """Taken by jobs of one environment in one repository, and by nothing else."""

    def __init__(self, scope: Construct, *, stage: Stage, repository: str) -> None:
        name = f"freehold-{stage.name}-pipeline"
        super().__init__(scope, name, description=f"Freehold ({stage.name}): who deploys from {repository}")
        role = Role(
            self,
            "Role",
            role_name=f"freehold-{stage.name}-deploy",
            description=f"Deploys the stage {stage.name} from {repository}",
            assumed_by=_workflow(repository, environment=stage.name),
            inline_policies={
                "Deploy": PolicyDocument(statements=[_becomes_the_cdk()]),
                "Checklist": PolicyDocument(statements=_checklist(stage)),
            },
        )
        _acknowledge_wide(role, stage)
        CfnOutput(self, "DeployRole", value=role.role_arn, description="The variable AWS_ROLE of the environment")


def pipeline_stacks(app: App, *, stage: Stage, repository: str, knows_github: bool) -> None:
    """None, as long as cdk.json names no repository."""
    if not repository:
        return
    pipeline = PipelineStack(app, stage=stage, repository=repository)
    if not knows_github:
        pipeline.add_stack_dependency(GitHubStack(app), "Its role trusts the provider.")


def _acknowledge_wide(role: Role, stage: Stage) -> None:
    """As cdk-nag spells them."""
    here = "<AWS::Region>:<AWS::AccountId>"
    wide = (
        "*",
        f"arn:<AWS::Partition>:ses:{here}:identity/*",
        f"arn:<AWS::Partition>:ssm:{here}:parameter/freehold/{stage.name}/*",
        f"arn:<AWS::Partition>:secretsmanager:{here}:secret:freehold/{stage.name}/stripe-*",
    )
    reason = "The checklist asks about the account, about any sender, and for every parameter of the stage."
    acknowledged = [
        Acknowledgment(id=f"AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]", reason=reason) for resource in wide
    ]
    Validations.of(role).acknowledge(*acknowledged)


def _workflow(repository: str, *, environment: str) -> WebIdentityPrincipal:
    """By equality: an audience that is ours, and a subject that names repository and environment whole."""
    conditions = {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": f"repo:{repository}:environment:{environment}"}
    provider = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:oidc-provider/{ISSUER}"
    return WebIdentityPrincipal(provider, {"StringEquals": conditions})


def _becomes_the_cdk() -> PolicyStatement:
    prefix = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/cdk-hnb659fds"
    roles = [f"{prefix}-{name}-role-{Aws.ACCOUNT_ID}-{Aws.REGION}" for name in _CDK_ROLES]
    return PolicyStatement(actions=["sts:AssumeRole"], resources=roles)


def _checklist(stage: Stage) -> list[PolicyStatement]:
    here = f"{Aws.REGION}:{Aws.ACCOUNT_ID}"
    own = f"arn:{Aws.PARTITION}:ssm:{here}:parameter/freehold/{stage.name}/*"
    bootstrap = f"arn:{Aws.PARTITION}:ssm:{here}:parameter/cdk-bootstrap/hnb659fds/version"
    digests = [
        f"arn:{Aws.PARTITION}:ssm:{here}:parameter/freehold/{stage.name}/{name}"
        for name in ("identity/issuers-digest", "mail/digest", "deployments")
    ]
    identities = f"arn:{Aws.PARTITION}:ses:{here}:identity/*"
    secret = f"arn:{Aws.PARTITION}:secretsmanager:{here}:secret:freehold/{stage.name}/stripe-*"
    return [
        PolicyStatement(actions=["ssm:GetParameter"], resources=[own, bootstrap]),
        PolicyStatement(actions=["ssm:PutParameter"], resources=digests),
        PolicyStatement(actions=["ses:GetEmailIdentity"], resources=[identities]),
        PolicyStatement(actions=["secretsmanager:DescribeSecret"], resources=[secret]),
        PolicyStatement(actions=[*_LOOKS_AT], resources=["*"]),
    ]
