"""What each function may do, to the letter; each check is shown to find a planted fault."""

import pytest

from functions.manifest import FUNCTIONS, MIGRATIONS
from infra.stage import STAGES
from tests.infra.templates import of_type, parameters_read, policies
from tests.infra.workers import EVERYTHING, EXAMPLES

NETWORK_INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]

JOB_CLASSES = ("interactive", "standard", "bulk", "deliveries", "mail", "billing", "payments")
READ_QUEUE = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]


def too_wide(stacks, stage, manifest=FUNCTIONS):
    """Functions that may do anything besides what follows from their declaration."""
    return [
        declared.name
        for declared in manifest
        if declared.stack in stacks and granted(stacks, stage, declared) != following(stacks, stage, declared)
    ]


def function_of(stacks, stage, declared):
    """Its template and its properties."""
    template = stacks[declared.stack]
    name = f"freehold-{stage.name}-{declared.name}"
    [function] = [f for f in of_type(template, "AWS::Lambda::Function").values() if f["FunctionName"] == name]
    return template, function


def granted(stacks, stage, declared):
    template, function = function_of(stacks, stage, declared)
    [role] = function["Role"]["Fn::GetAtt"][:1]
    managed = template["Resources"][role]["Properties"].get("ManagedPolicyArns", [])
    elsewhere = of_type(template, "AWS::IAM::Policy").values()
    attached = [policy["PolicyDocument"]["Statement"] for policy in elsewhere if {"Ref": role} in policy["Roles"]]
    return [document["Statement"] for name, document in policies(template) if name == role] + attached + managed


def following(stacks, stage, declared):
    """The statements that a declaration leads to."""
    template, function = function_of(stacks, stage, declared)
    expected = [own_logs(function)]
    if declared.database:
        name = "cell/pool/writer/resource" if declared.database == "migrator" else "cell/pool/resource"
        roles = ["admin", "migrator"] if declared == MIGRATIONS else sorted([declared.database, *declared.also])
        expected += [log_in(parameter(template, name), roles), join_network(function["FunctionName"])]
    if declared.queue:
        expected.append([allow(READ_QUEUE, arn("sqs", f"freehold-{stage.name}-{declared.queue.name}"))])
    if declared.on_deploy == "checks":
        expected += checking(stage)
    expected += [using(template, stage, declared, use) for use in declared.uses]
    looks = declared.schedule and declared.schedule.every != "day" and stage.cell.sleeps
    return expected + ([[allow("cloudwatch:GetMetricData", "*")]] if looks else [])


def checking(stage):
    """What whoever is asked by CodeDeploy may do."""
    actions = ["BatchGetDeploymentTargets", "ListDeploymentTargets", "PutLifecycleEventHookExecutionStatus"]
    groups = arn("codedeploy", f"deploymentgroup:freehold-{stage.name}/*")
    call = allow("lambda:InvokeFunction", arn("lambda", f"function:freehold-{stage.name}-*"))
    return [[allow([f"codedeploy:{action}" for action in actions], groups)], [call]]


def using(template, stage, declared, use):
    """What one use of the manifest allows."""
    match use:
        case "bus":
            return [allow("events:PutEvents", arn("events", f"event-bus/freehold-{stage.name}"))]
        case "queues":
            return [
                allow("sqs:SendMessage", [arn("sqs", f"freehold-{stage.name}-{job}") for job in sorted(JOB_CLASSES)])
            ]
        case "mail":
            senders = [arn("ses", f"configuration-set/freehold-{stage.name}"), arn("ses", "identity/*")]
            return [allow("ses:SendEmail", senders)]
        case "files":
            actions = "s3:GetObject" if declared.routes else ["s3:AbortMultipartUpload", "s3:PutObject"]
            place = ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", parameter(template, "messaging/files"), "/reports/*"]
            return [allow(actions, {"Fn::Join": ["", place]})]
        case "stripe" | "telemetry":
            return [allow("secretsmanager:GetSecretValue", parameter(template, f"messaging/{use}"))]
        case "anchors":
            bucket = parameter(template, "messaging/anchors")
            place = ["arn:", {"Ref": "AWS::Partition"}, ":s3:::", bucket, "/anchors/*"]
            return [allow("s3:PutObject", {"Fn::Join": ["", place]})]


def allow(actions, resources):
    return {"Action": actions, "Effect": "Allow", "Resource": resources}


def arn(service, resource):
    place = ["arn:", {"Ref": "AWS::Partition"}, f":{service}:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}]
    return {"Fn::Join": ["", [*place, f":{resource}"]]}


def parameter(template, name):
    [reference] = [found for found, path in parameters_read(template).items() if path.split("/", 3)[3] == name]
    return {"Ref": reference}


def own_logs(function):
    group = function["LoggingConfig"]["LogGroup"]["Ref"]
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    return [{"Action": actions, "Effect": "Allow", "Resource": {"Fn::GetAtt": [group, "Arn"]}}]


def log_in(resource, roles):
    place = ["arn:", {"Ref": "AWS::Partition"}, ":rds-db:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}]
    arns = [{"Fn::Join": ["", [*place, ":dbuser:", resource, f"/freehold_{role}"]]} for role in roles]
    return [{"Action": "rds-db:connect", "Effect": "Allow", "Resource": arns[0] if len(arns) == 1 else arns}]


def join_network(name):
    """Lambda may; the function's own code may not."""
    place = [{"Ref": "AWS::Partition"}, ":lambda:", {"Ref": "AWS::Region"}, ":", {"Ref": "AWS::AccountId"}]
    code = {"ArnEquals": {"lambda:SourceFunctionArn": {"Fn::Join": ["", ["arn:", *place, f":function:{name}"]]}}}
    allowed = {"Action": NETWORK_INTERFACES, "Effect": "Allow", "Resource": "*"}
    return [allowed, allowed | {"Effect": "Deny", "Condition": code}]


def first_statements(stacks, stage, declared):
    template, function = function_of(stacks, stage, declared)
    role = function["Role"]["Fn::GetAtt"][0]
    return [statement for name, document in policies(template) if name == role for statement in document["Statement"]]


class TestFunctions:
    def test_may_do_what_follows_from_their_declaration_and_nothing_else(self, stacks, stage):
        assert too_wide(stacks, stage) == []
        having = [name for name in ("schema", "delivery", "api", "workers") if name in stacks]
        roles = [role for stack in having for role in of_type(stacks[stack], "AWS::IAM::Role")]
        expected = [function for function in FUNCTIONS if function.stack in having]
        assert len([role for role in roles if not role.startswith(("Clock", "Shifter"))]) == len(expected)

    @pytest.mark.parametrize("declared", FUNCTIONS, ids=lambda declared: declared.name)
    @pytest.mark.parametrize("resource", ["*", {"Fn::GetAtt": ["GatewayAccessLogs", "Arn"]}], ids=["all", "another's"])
    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_that_may_write_other_logs_would_be_found(self, stacks, stage, declared, resource):
        first_statements(stacks, stage, declared)[0]["Resource"] = resource
        assert too_wide(stacks, stage) == [declared.name]

    @pytest.mark.parametrize("user", ["/freehold_owner", "/freehold_migrator", "/*"])
    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_that_may_log_in_as_another_would_be_found(self, stacks, stage, user):
        declared = next(function for function in FUNCTIONS if function.database == "api")
        first_statements(stacks, stage, declared)[1]["Resource"]["Fn::Join"][1][-1] = user
        assert too_wide(stacks, stage) == [declared.name]

    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_whose_code_may_open_networks_would_be_found(self, stacks, stage):
        first_statements(stacks, stage, MIGRATIONS)[3]["Effect"] = "Allow"
        assert too_wide(stacks, stage) == [MIGRATIONS.name]

    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_with_a_managed_policy_would_be_found(self, stacks, stage):
        template, function = function_of(stacks, stage, MIGRATIONS)
        role = template["Resources"][function["Role"]["Fn::GetAtt"][0]]["Properties"]
        role["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
        assert too_wide(stacks, stage) == [MIGRATIONS.name]

    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_with_a_policy_attached_from_elsewhere_would_be_found(self, stacks, stage):
        template, function = function_of(stacks, stage, MIGRATIONS)
        allowed = [{"Action": "s3:GetObject", "Effect": "Allow", "Resource": "arn:aws:s3:::bucket/key"}]
        policy = {"PolicyDocument": {"Statement": allowed}, "Roles": [{"Ref": function["Role"]["Fn::GetAtt"][0]}]}
        template["Resources"]["Planted"] = {"Type": "AWS::IAM::Policy", "Properties": policy}
        assert too_wide(stacks, stage) == [MIGRATIONS.name]


class TestWorkers:
    def test_may_do_what_follows_from_their_declaration_and_nothing_else(self, working, stage):
        assert too_wide(working, stage, EXAMPLES) == []

    @pytest.mark.parametrize("declared", [worker for worker in EXAMPLES if worker.uses], ids=lambda found: found.name)
    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_that_may_use_more_would_be_found(self, working, stage, declared):
        first_statements(working, stage, declared)[-1]["Resource"] = "*"
        assert too_wide(working, stage, EXAMPLES) == [declared.name]

    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_that_read_anothers_queue_would_be_found(self, working, stage):
        read = next(s for s in first_statements(working, stage, EVERYTHING) if s["Action"] == READ_QUEUE)
        read["Resource"]["Fn::Join"][1][-1] = ":freehold-launch-mail"
        assert too_wide(working, stage, EXAMPLES) == [EVERYTHING.name]
