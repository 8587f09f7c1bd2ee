"""What breaks the rules about the network, permissions and what functions are told."""

from tests.infra.rules.planted import GONE, OFF, ON, Place, Planted, Templates, add, append, change, drop, resource

GROUP, INGRESS, EGRESS = "AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"
SUBNET, ROUTE, MACHINE, VPC = "AWS::EC2::Subnet", "AWS::EC2::Route", "AWS::EC2::Instance", "AWS::EC2::VPC"
FUNCTION, ROLE, BUCKET = "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::S3::Bucket"
PROJECTS = '"freehold-launch-projects"'
TO_POSTGRES = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432}
NOWHERE = [{"IpProtocol": "icmp", "CidrIp": "255.255.255.255/32"}]
MINE = {
    "NetworkInterfaces": [{"AssociatePublicIpAddress": True}],
    "MetadataOptions": {"HttpTokens": "required"},
    "BlockDeviceMappings": [{"Ebs": {"Encrypted": True}}],
}
LOGIN = "arn:aws:rds-db:eu-central-1:1:dbuser:prx-1"
VARIABLES = "Environment/Variables"


def lead_out(templates: Templates) -> Place:
    """A route from the subnets of databases."""
    _, association = resource(templates, "AWS::EC2::SubnetRouteTableAssociation", "database")
    route = {**association["Properties"], "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": {"Ref": "Gateway"}}
    templates["network"]["Resources"]["Planted"] = {"Type": ROUTE, "Properties": route}
    return "network", "Planted"


def allow(action: str, on: object, role: str = "ProjectsRole", **more: object):
    """One statement more in the first policy of a role."""
    statement = {"Effect": "Allow", "Action": action, "Resource": on, **more}
    return append(
        ROLE, "Policies/0/PolicyDocument/Statement", {k: v for k, v in statement.items() if v is not GONE}, role
    )


def share_a_role(templates: Templates) -> Place:
    """Of a function without a database, so that the other logs in as nobody else."""
    place, body = resource(templates, FUNCTION, '"freehold-launch-openapi"')
    _, mine = resource(templates, FUNCTION, "VpcRestrictDefaultSG")
    templates["api"]["Resources"]["Planted"] = {
        "Type": FUNCTION,
        "Properties": {
            **mine["Properties"],
            "Role": body["Properties"]["Role"],
            "LoggingConfig": body["Properties"]["LoggingConfig"],
        },
    }
    return place[0], body["Properties"]["Role"]["Fn::GetAtt"][0]


PLANTED = (
    Planted(
        rule="nothing-lets-the-internet-in", fault=add(INGRESS, {**TO_POSTGRES, "CidrIp": "0.0.0.0/0"}, stack="cell")
    ),
    Planted(
        rule="nothing-lets-the-internet-in", fault=add(INGRESS, {**TO_POSTGRES, "CidrIpv6": "::/0"}, stack="network")
    ),
    Planted(
        rule="nothing-lets-the-internet-in",
        fault=add(
            GROUP,
            {"SecurityGroupIngress": [{**TO_POSTGRES, "CidrIp": "0.0.0.0/0"}], "SecurityGroupEgress": NOWHERE},
            stack="cell",
        ),
    ),
    Planted(
        rule="functions-call-out-by-https",
        fault=change(GROUP, "SecurityGroupEgress/0/ToPort", 65535, "Clients"),
        stage="growth",
    ),
    Planted(
        rule="functions-call-out-by-https", fault=add(EGRESS, {**TO_POSTGRES, "CidrIp": "0.0.0.0/0"}, stack="cell")
    ),
    Planted(
        rule="nothing-lets-the-internet-in", fault=add(INGRESS, {**TO_POSTGRES, "CidrIp": "128.0.0.0/1"}, stack="cell")
    ),
    Planted(
        rule="functions-call-out-by-https", fault=change(GROUP, "SecurityGroupEgress", GONE, "The database itself")
    ),
    Planted(rule="addresses-are-private", fault=add(MACHINE, MINE, stack="cell")),
    Planted(
        rule="nobody-unknown-is-let-in",
        fault=add(
            "AWS::Events::EventBusPolicy",
            {"StatementId": "all", "Statement": {"Effect": "Allow", "Action": "events:PutEvents", "Principal": "*"}},
        ),
    ),
    Planted(rule="databases-have-no-public-address", fault=change("AWS::RDS::DBInstance", "PubliclyAccessible", ON)),
    Planted(
        rule="databases-have-no-public-address",
        fault=change("AWS::RDS::DBInstance", "PubliclyAccessible", GONE),
        stage="sandbox",
    ),
    Planted(rule="functions-have-no-url", fault=add("AWS::Lambda::Url", {"AuthType": "NONE"}, stack="api")),
    Planted(rule="buckets-are-private", fault=change(BUCKET, "PublicAccessBlockConfiguration/BlockPublicPolicy", OFF)),
    Planted(rule="buckets-are-private", fault=change(BUCKET, "PublicAccessBlockConfiguration", GONE, "Anchors")),
    Planted(rule="addresses-are-private", fault=change(SUBNET, "MapPublicIpOnLaunch", ON, "database")),
    Planted(
        rule="addresses-are-private", fault=add("AWS::EC2::EIP", {"Domain": "vpc"}, stack="network"), stage="growth"
    ),
    Planted(rule="databases-lead-nowhere", fault=lead_out),
    Planted(rule="machines-are-closed", fault=change(MACHINE, "KeyName", "mine")),
    Planted(rule="machines-are-closed", fault=change(MACHINE, "MetadataOptions/HttpTokens", "optional")),
    Planted(rule="default-groups-are-closed", fault=drop("Custom::VpcRestrictDefaultSG", found_at=(VPC, ""))),
    Planted(rule="functions-join-the-network-for-the-database", fault=change(FUNCTION, "VpcConfig", GONE, PROJECTS)),
    Planted(
        rule="functions-join-the-network-for-the-database",
        fault=change(FUNCTION, "VpcConfig", {"SubnetIds": ["subnet-1"]}, '"freehold-launch-openapi"'),
    ),
    Planted(
        rule="functions-join-the-network-for-the-database",
        fault=change(FUNCTION, "VpcConfig/SubnetIds", ["subnet-1"], PROJECTS),
    ),
    Planted(rule="nobody-may-do-everything", fault=allow("*", "arn:one")),
    Planted(rule="nobody-may-do-everything", fault=allow("ses:*", "arn:one")),
    *(
        Planted(rule="permissions-name-what-they-are-on", fault=allow(action, on, "MigrationsRole"))
        for action, on in (
            ("kms:Decrypt", "*"),
            ("secretsmanager:GetSecretValue", ["arn:one", "*"]),
            ("s3:GetObject", "*"),
            ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-central-1:1:secret:*"),
            ("sqs:SendMessage", "*"),
        )
    ),
    Planted(rule="nothing-is-allowed-by-exception", fault=allow(GONE, "arn:one", NotAction="iam:*")),
    Planted(rule="nothing-is-allowed-by-exception", fault=allow("logs:PutLogEvents", GONE, NotResource="arn:one")),
    Planted(rule="functions-have-a-role-each", fault=share_a_role),
    Planted(
        rule="no-policies-of-aws",
        fault=change(ROLE, "ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"], "ProjectsRole"),
    ),
    Planted(
        rule="no-policies-of-aws",
        fault=change(
            ROLE,
            "ManagedPolicyArns",
            ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
            "ProjectsRole",
        ),
    ),
    Planted(
        rule="roles-are-lent-to-this-account",
        fault=change(ROLE, "AssumeRolePolicyDocument/Statement/0/Condition", GONE, "scheduler.amazonaws.com"),
    ),
    Planted(
        rule="roles-are-taken-on-by-services",
        fault=change(
            ROLE, "AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "arn:aws:iam::1:root"}, "ProjectsRole"
        ),
    ),
    Planted(
        rule="roles-are-taken-on-by-services",
        fault=change(ROLE, "AssumeRolePolicyDocument/Statement/0/Principal", "*", "ProjectsRole"),
    ),
    *(
        Planted(rule="nobody-widens-their-permissions", fault=allow(action, "arn:one"))
        for action in ("iam:PassRole", "sts:AssumeRole", "lambda:UpdateFunctionCode", "cloudformation:UpdateStack")
    ),
    Planted(rule="functions-log-in-as-declared", fault=allow("rds-db:connect", f"{LOGIN}/freehold_migrator")),
    Planted(rule="functions-log-in-as-declared", fault=allow("rds-db:connect", f"{LOGIN}/freehold_api", "OpenapiRole")),
    Planted(
        rule="nobody-unknown-is-let-in",
        fault=append(
            "AWS::SQS::QueuePolicy",
            "PolicyDocument/Statement",
            {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": "*", "Resource": "arn:one"},
        ),
    ),
    Planted(
        rule="nobody-unknown-is-let-in",
        fault=append(
            "AWS::S3::BucketPolicy",
            "PolicyDocument/Statement",
            {"Effect": "Allow", "Action": "s3:GetObject", "Principal": {"AWS": "*"}, "Resource": "arn:one"},
        ),
    ),
    *(
        Planted(rule="functions-are-told-no-secret", fault=change(FUNCTION, f"{VARIABLES}/{name}", value, PROJECTS))
        for name, value in (
            ("FREEHOLD_STRIPE", "sk_live_" + "4eC39HqLyjWD"),
            ("FREEHOLD_DATABASE", "host=h password=hunter2"),
            ("FREEHOLD_PUBLIC_URL", "https://me:hunter2@example.com"),
            ("FREEHOLD_BUS", "AKIA" + "IOSFODNN7EXAMPLE"),
            ("OTEL_TOKEN", "abc"),
        )
    ),
    Planted(
        rule="templates-hold-no-secret", fault=change("AWS::SecretsManager::Secret", "SecretString", '{"key": "value"}')
    ),
    Planted(
        rule="templates-hold-no-secret",
        fault=change("AWS::SSM::Parameter", "Description", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZI", "network/vpc"),
    ),
    Planted(rule="settings-are-read", fault=change(FUNCTION, f"{VARIABLES}/FREEHOLD_DATABSE", "host=h", PROJECTS)),
    Planted(
        rule="functions-know-their-stage", fault=change(FUNCTION, f"{VARIABLES}/FREEHOLD_STAGE", "sandbox", PROJECTS)
    ),
    Planted(
        rule="functions-know-their-stage", fault=change(FUNCTION, f"{VARIABLES}/FREEHOLD_KEY_MODE", "test", PROJECTS)
    ),
)
