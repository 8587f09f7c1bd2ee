"""Who may deploy from GitHub: nobody has a key, a workflow's token becomes a role for an hour.

a job of the environment `launch`       ──▶ its token ──▶ GitHub's provider ──▶ its role ──▶ the CDK's own roles
a job of the environment `launch-drift` ──▶ its token ──▶ GitHub's provider ──▶ its role, which may only read

GitHubStack     the identity provider: one for an account, the same for each stage that lives there
PipelineStack   the roles of one stage
"""

from collections.abc import Collection, Iterator

from aws_cdk import Acknowledgment, App, Aws, CfnOutput, Duration, Stack, Validations
from aws_cdk.aws_iam import (
    CfnOIDCProvider,
    Effect,
    ManagedPolicy,
    PolicyDocument,
    PolicyStatement,
    Role,
    WebIdentityPrincipal,
)
from constructs import Construct

from infra.domain import EDGE_REGION, Domain
from infra.stage import Stage

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
_CDK_ROLES = ("deploy", "file-publishing", "lookup")
"""Of those that the bootstrap makes. CloudFormation's own, which may do everything, is handed over by the first."""
_LOOKS_AT = ("ec2:DescribeAvailabilityZones", "lambda:GetAccountSettings", "rds:DescribeOrderableDBInstanceOptions")
"""What the checklist asks for and IAM cannot narrow."""
SESSION_SECONDS = 3 * 3600
"""Longer than a deployment: migrations wait for locks, canaries for minutes, CloudFront for itself."""
_READS_ALL = "ReadOnlyAccess"
"""To compare a resource, CloudFormation reads it with the rights of whoever asked, and of any type it may be."""
_CONTENTS = (
    "kms:Decrypt",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetLogRecord",
    "logs:GetQueryResults",
    "logs:StartLiveTail",
    "logs:StartQuery",
    "rds:DownloadCompleteDBLogFile",
    "rds:DownloadDBLogFilePortion",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
)
"""What that would show beyond how things are set up: files, messages, lines and secrets."""


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

    def __init__(
        self, scope: Construct, *, stage: Stage, repository: str, domain: Domain | None, regions: Collection[str]
    ) -> None:
        name = f"freehold-{stage.name}-pipeline"
        super().__init__(scope, name, description=f"Freehold ({stage.name}): who deploys from {repository}")
        role = Role(
            self,
            "Role",
            role_name=f"freehold-{stage.name}-deploy",
            description=f"Deploys the stage {stage.name} from {repository}",
            assumed_by=_workflow(repository, environment=stage.name),
            max_session_duration=Duration.seconds(SESSION_SECONDS),
            inline_policies={
                "Deploy": PolicyDocument(statements=[_becomes_the_cdk(regions)]),
                "Checklist": PolicyDocument(statements=[*_checklist(stage), *_checks_of(domain)]),
            },
        )
        _acknowledge_wide(role, stage)
        compares = Role(
            self,
            "Drift",
            role_name=f"freehold-{stage.name}-drift",
            description=f"Compares the stage {stage.name} with its stacks, from {repository}",
            assumed_by=_workflow(repository, environment=f"{stage.name}-drift"),
            managed_policies=[ManagedPolicy.from_aws_managed_policy_name(_READS_ALL)],
            inline_policies={"Drift": PolicyDocument(statements=_compares(stage))},
        )
        _acknowledge_reading(compares, stage)
        about = "The variable AWS_ROLE of the environment"
        CfnOutput(self, "DeployRole", value=role.role_arn, description=f"{about} {stage.name}")
        CfnOutput(self, "DriftRole", value=compares.role_arn, description=f"{about} {stage.name}-drift")


def pipeline_stacks(  # noqa: PLR0913 (what a person may choose of it, by name)
    app: App, *, stage: Stage, repository: str, knows_github: bool, domain: Domain | None, regions: Collection[str]
) -> None:
    """None, as long as cdk.json names no repository. `regions` are those besides the stage's own."""
    if not repository:
        return
    pipeline = PipelineStack(app, stage=stage, repository=repository, domain=domain, regions=regions)
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


def _acknowledge_reading(role: Role, stage: Stage) -> None:
    reading = f"AwsSolutions::AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{_READS_ALL}]"
    stacks = f"arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/freehold-{stage.name}-*/*"
    wide = {f"AwsSolutions::AwsSolutions-IAM5[Resource::{resource}]" for resource in ("*", stacks)}
    reason = "To compare a stack is to read each of its resources; what they contain is denied."
    Validations.of(role).acknowledge(*(Acknowledgment(id=known, reason=reason) for known in sorted({reading, *wide})))


def _workflow(repository: str, *, environment: str) -> WebIdentityPrincipal:
    """By equality: an audience that is ours, and a subject that names repository and environment whole."""
    conditions = {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": f"repo:{repository}:environment:{environment}"}
    provider = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:oidc-provider/{ISSUER}"
    return WebIdentityPrincipal(provider, {"StringEquals": conditions})


def _becomes_the_cdk(regions: Collection[str]) -> PolicyStatement:
    prefix = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/cdk-hnb659fds"
    everywhere = dict.fromkeys((Aws.REGION, *sorted(regions)))
    roles = [f"{prefix}-{name}-role-{Aws.ACCOUNT_ID}-{region}" for region in everywhere for name in _CDK_ROLES]
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


def _checks_of(domain: Domain | None) -> Iterator[PolicyStatement]:
    """What infra/domain_checks.py asks."""
    if domain is None:
        return
    certificates, edge = [domain.certificate], domain.edge
    if edge:
        bucket, _, key = edge.truststore.removeprefix("s3://").partition("/")
        bootstrap = f"arn:{Aws.PARTITION}:ssm:{EDGE_REGION}:{Aws.ACCOUNT_ID}:parameter/cdk-bootstrap/hnb659fds/version"
        certificates += [edge.certificate, edge.client]
        yield PolicyStatement(actions=["ssm:GetParameter"], resources=[bootstrap])
        yield PolicyStatement(actions=["s3:GetObject"], resources=[f"arn:{Aws.PARTITION}:s3:::{bucket}/{key}"])
        yield PolicyStatement(actions=["s3:ListBucket"], resources=[f"arn:{Aws.PARTITION}:s3:::{bucket}"])
    yield PolicyStatement(actions=["acm:DescribeCertificate"], resources=certificates)


def _compares(stage: Stage) -> list[PolicyStatement]:
    stacks = f"arn:{Aws.PARTITION}:cloudformation:{Aws.REGION}:{Aws.ACCOUNT_ID}:stack/freehold-{stage.name}-*/*"
    begin = ["cloudformation:DetectStackDrift", "cloudformation:DetectStackResourceDrift"]
    return [
        PolicyStatement(actions=begin, resources=[stacks]),
        PolicyStatement(effect=Effect.DENY, actions=[*_CONTENTS], resources=["*"]),
    ]
