"""Rules that every stack of every stage keeps; each is shown to find a planted fault."""

import pytest

from functions.manifest import FUNCTIONS
from infra.stage import STAGES
from tests.infra.templates import (
    EVERYWHERE,
    as_list,
    of_type,
    parameters_read,
    parameters_written,
    statements,
    text,
)

NEVER_ON_EVERYTHING = ("*", "kms:", "secretsmanager:", "rds-db:")
WRITTEN_BY_A_PERSON = {"identity/issuers", "identity/issuers-digest"} | (
    {"mail/from", "mail/public-url", "mail/digest"} if any("mail" in function.uses for function in FUNCTIONS) else set()
)


def logs_without_end(template):
    """Log groups that keep for ever, and functions and flow logs that would make such a one."""
    groups = of_type(template, "AWS::Logs::LogGroup")
    declared = [{"Ref": name} for name in groups]
    used = {name: found.get("LoggingConfig", {}).get("LogGroup") for name, found in functions(template)}
    used |= {name: found.get("LogGroupName") for name, found in of_type(template, "AWS::EC2::FlowLog").items()}
    endless = [name for name, group in groups.items() if "RetentionInDays" not in group]
    return endless + [name for name, group in used.items() if group not in declared]


def functions(template):
    return of_type(template, "AWS::Lambda::Function").items()


def rds_logs_without_end(template):
    """Logs that RDS would write to a group that nobody has declared."""
    named = {group.get("LogGroupName") for group in of_type(template, "AWS::Logs::LogGroup").values()}
    written = {f"/aws/rds/proxy/{proxy['DBProxyName']}" for proxy in of_type(template, "AWS::RDS::DBProxy").values()}
    for cluster in of_type(template, "AWS::RDS::DBCluster").values():
        exports, identifier = cluster["EnableCloudwatchLogsExports"], cluster["DBClusterIdentifier"]
        written |= {f"/aws/rds/cluster/{identifier}/{export}" for export in exports}
    return written - named


def may_use_anything(template):
    """Identities that may use every key, every secret or every database login."""
    return [name for name, statement in statements(template) if statement["Effect"] == "Allow" and too_wide(statement)]


def too_wide(statement):
    """Written with actions or resources that are excepted, a statement allows what nobody has listed."""
    if "NotAction" in statement or "NotResource" in statement:
        return True
    dear = any(action == "*" or action.startswith(NEVER_ON_EVERYTHING[1:]) for action in as_list(statement["Action"]))
    return dear and "*" in text(statement["Resource"])


def imports(template):
    """Ties to another stack that CloudFormation would resolve, and a laptop could not."""
    found = [tie for tie in ("Fn::ImportValue", "Fn::GetStackOutput") if tie in text(template)]
    return found + [name for name, output in template.get("Outputs", {}).items() if "Export" in output]


def open_to_the_world(template):
    """Whatever lets the internet in."""
    groups = of_type(template, "AWS::EC2::SecurityGroup")
    rules = {name: group.get("SecurityGroupIngress", []) for name, group in groups.items()}
    rules |= {name: [rule] for name, rule in of_type(template, "AWS::EC2::SecurityGroupIngress").items()}
    instances = of_type(template, "AWS::RDS::DBInstance").items()
    return [
        *(
            name
            for name, found in rules.items()
            if any(EVERYWHERE & {r.get("CidrIp"), r.get("CidrIpv6")} for r in found)
        ),
        *(name for name, found in instances if found.get("PubliclyAccessible") is not False),
        *of_type(template, "AWS::Lambda::Url"),
    ]


def unencrypted(template):
    """Disks and databases that somebody could read, and keys that stay the same for ever."""
    volumes = {
        name: [device["Ebs"] for device in instance.get("BlockDeviceMappings", [])]
        for name, instance in of_type(template, "AWS::EC2::Instance").items()
    }
    clusters = of_type(template, "AWS::RDS::DBCluster").items()
    queues, buckets = of_type(template, "AWS::SQS::Queue").items(), of_type(template, "AWS::S3::Bucket").items()
    return [
        *(name for name, found in volumes.items() if not found or not all(volume.get("Encrypted") for volume in found)),
        *(name for name, found in clusters if not (found.get("StorageEncrypted") and found.get("KmsKeyId"))),
        *(name for name, found in queues if not found.get("SqsManagedSseEnabled")),
        *(name for name, found in buckets if not found.get("BucketEncryption")),
        *(name for name, key in of_type(template, "AWS::KMS::Key").items() if not key.get("EnableKeyRotation")),
    ]


def read_but_not_written(stacks):
    """SSM parameters that no stack leaves behind before it is read, in the order of a deploy."""
    written, missing = set(), set()
    for template in stacks.values():
        missing |= {name for name in parameters_read(template).values() if name not in written}
        written |= parameters_written(template).keys()
    return {name.split("/", 3)[3] for name in missing}


class TestLogs:
    def test_end_everywhere(self, stacks):
        assert [name for template in stacks.values() for name in logs_without_end(template)] == []
        assert rds_logs_without_end(stacks["cell"]) == set()

    def test_follow_the_dial(self, stacks, stage):
        groups = [
            found
            for template in stacks.values()
            for found in template["Resources"].values()
            if found["Type"] == "AWS::Logs::LogGroup"
        ]
        assert {group["Properties"]["RetentionInDays"] for group in groups} == {stage.log_retention_days}
        kept = "RetainExceptOnCreate" if stage.keeps_logs else "Delete"
        assert {group["DeletionPolicy"] for group in groups} == {kept}

    def test_are_declared_for_every_function_and_for_the_front_door(self, stacks):
        serving = [function for function in FUNCTIONS if function.stack == "api"]
        assert len(of_type(stacks["api"], "AWS::Logs::LogGroup")) == len(serving)
        assert len(of_type(stacks["gateway"], "AWS::Logs::LogGroup")) == 1

    @pytest.mark.parametrize("stack", ["network", "cell", "schema", "api"])
    def test_without_end_would_be_found(self, stacks, stack):
        [name, group] = next(iter(of_type(stacks[stack], "AWS::Logs::LogGroup").items()))
        group.pop("RetentionInDays")
        assert logs_without_end(stacks[stack]) == [name]

    @pytest.mark.parametrize("stack", ["network", "schema", "api"])
    def test_that_a_function_makes_by_itself_would_be_found(self, stacks, stack):
        [name, function] = next(iter(functions(stacks[stack])))
        function.pop("LoggingConfig")
        assert logs_without_end(stacks[stack]) == [name]

    def test_that_rds_makes_by_itself_would_be_found(self, stacks):
        for cluster in of_type(stacks["cell"], "AWS::RDS::DBCluster").values():
            cluster["EnableCloudwatchLogsExports"].append("upgrade")
        assert len(rds_logs_without_end(stacks["cell"])) == 1


class TestPermissions:
    def test_name_every_key_secret_and_login(self, stacks):
        assert [name for template in stacks.values() for name in may_use_anything(template)] == []

    @pytest.mark.parametrize("action", ["kms:Decrypt", "secretsmanager:GetSecretValue", "rds-db:connect", "*"])
    def test_on_all_of_them_would_be_found(self, stacks, action):
        [name, statement] = next(statements(stacks["schema"]))
        statement.update(Action=["logs:PutLogEvents", action], Resource=["arn:one", "*"])
        assert may_use_anything(stacks["schema"]) == [name]

    @pytest.mark.parametrize("widened", ["NotAction", "NotResource"])
    def test_by_exception_would_be_found(self, stacks, widened):
        [name, statement] = next(statements(stacks["schema"]))
        statement[widened] = "arn:one"
        assert may_use_anything(stacks["schema"]) == [name]

    def test_of_a_separate_policy_would_be_found(self, stacks):
        allowed = {"Effect": "Allow", "Action": "rds-db:connect", "Resource": "arn:aws:rds-db:eu:1:dbuser:prx-1/*"}
        policy = {"PolicyName": "p", "PolicyDocument": {"Statement": allowed}, "Roles": []}
        stacks["api"]["Resources"]["Planted"] = {"Type": "AWS::IAM::Policy", "Properties": policy}
        assert may_use_anything(stacks["api"]) == ["Planted"]


class TestStacks:
    def test_deploy_alone(self, stacks):
        assert [tie for template in stacks.values() for tie in imports(template)] == []

    @pytest.mark.parametrize("tie", ["Fn::ImportValue", "Fn::GetStackOutput"])
    def test_that_need_anothers_outputs_would_be_found(self, stacks, tie):
        next(iter(of_type(stacks["api"], "AWS::Lambda::Function").values()))["Role"] = {tie: "role"}
        assert imports(stacks["api"]) == [tie]

    def test_that_export_would_be_found(self, stacks):
        stacks["gateway"]["Outputs"]["ApiId"]["Export"] = {"Name": "api"}
        assert imports(stacks["gateway"]) == ["ApiId"]

    def test_read_what_an_earlier_one_or_a_person_writes(self, stacks):
        assert read_but_not_written(stacks) == WRITTEN_BY_A_PERSON

    def test_that_read_what_nobody_writes_would_be_found(self, stacks):
        resources = stacks["cell"]["Resources"]
        [written] = [name for name, found in resources.items() if name.startswith("CellPoolClients")]
        del resources[written]
        assert read_but_not_written(stacks) == {*WRITTEN_BY_A_PERSON, "cell/pool/clients"}

    def test_leave_room_below_the_limit_of_resources(self, stacks):
        assert max(len(template["Resources"]) for template in stacks.values()) < 400


class TestInternet:
    def test_comes_in_nowhere(self, stacks):
        assert [name for template in stacks.values() for name in open_to_the_world(template)] == []

    @pytest.mark.parametrize("source", [{"CidrIp": "0.0.0.0/0"}, {"CidrIpv6": "::/0"}], ids=["v4", "v6"])
    @pytest.mark.parametrize("stack", ["network", "cell"])
    def test_let_in_by_a_group_would_be_found(self, stacks, stack, source):
        rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, **source}
        group = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [rule]}}
        alone = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule}
        stacks[stack]["Resources"] |= {"Group": group, "Rule": alone}
        assert open_to_the_world(stacks[stack]) == ["Group", "Rule"]

    @pytest.mark.parametrize("said", [{"PubliclyAccessible": True}, {}], ids=["public", "unsaid"])
    def test_let_in_by_a_database_would_be_found(self, stacks, said):
        name = next(iter(of_type(stacks["cell"], "AWS::RDS::DBInstance")))
        stacks["cell"]["Resources"][name]["Properties"] = said
        assert open_to_the_world(stacks["cell"]) == [name]

    def test_let_in_by_a_function_url_would_be_found(self, stacks):
        stacks["api"]["Resources"]["Url"] = {"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE"}}
        assert open_to_the_world(stacks["api"]) == ["Url"]


class TestEncryption:
    def test_is_everywhere_and_keys_rotate(self, stacks):
        assert [name for template in stacks.values() for name in unencrypted(template)] == []

    @pytest.mark.parametrize(
        ("stack", "kind", "without"),
        [
            ("cell", "AWS::RDS::DBCluster", "StorageEncrypted"),
            ("cell", "AWS::RDS::DBCluster", "KmsKeyId"),
            ("cell", "AWS::KMS::Key", "EnableKeyRotation"),
            ("network", "AWS::EC2::Instance", "BlockDeviceMappings"),
            ("messaging", "AWS::S3::Bucket", "BucketEncryption"),
        ],
    )
    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_that_is_missing_would_be_found(self, stacks, stack, kind, without):
        name, properties = next(iter(of_type(stacks[stack], kind).items()))
        properties.pop(without)
        assert unencrypted(stacks[stack]) == [name]
