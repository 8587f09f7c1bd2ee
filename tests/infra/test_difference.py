"""What a deployment would do: what is replaced follows from AWS's own schemas, and nothing with data goes unseen."""

import json
from copy import deepcopy

import pytest

from infra import difference
from infra.replacement import create_only, references
from infra.template_changes import HOLDS, changes
from tests.infra.templates import of_type


@pytest.fixture
def launch(templates):
    """Of launch; a copy, to break."""
    return deepcopy(templates)


@pytest.fixture
def compare(templates, launch):
    """What deploying the broken copy would do."""

    def found(stack):
        return list(changes(stack, templates[stack], launch[stack]))

    return found


def the(found, kind):
    """The one change of that type."""
    [change] = [change for change in found if change.kind == kind]
    return change


def properties(template, kind):
    return next(iter(of_type(template, kind).values()))


def queue(name):
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}


class TestNothing:
    def test_is_what_the_same_templates_differ_in(self, templates, compare):
        assert [change for stack in templates for change in compare(stack)] == []

    def test_is_what_metadata_and_order_differ_in(self, launch, compare):
        resource = next(iter(launch["cell"]["Resources"].values()))
        resource["Metadata"] = {"aws:cdk:path": "another"}
        resource["DependsOn"] = ["Another"]
        assert compare("cell") == []


class TestReplacement:
    def test_is_another_value_of_what_only_a_creation_takes(self, launch, compare):
        properties(launch["cell"], "AWS::RDS::DBCluster")["DBClusterIdentifier"] = "another"
        found = the(compare("cell"), "AWS::RDS::DBCluster")
        assert (found.action, found.properties) == ("replaced", ("DBClusterIdentifier",))
        assert found.loses == "a database, but for a snapshot"

    def test_is_not_another_value_of_what_an_update_takes(self, launch, compare):
        properties(launch["cell"], "AWS::RDS::DBCluster")["BackupRetentionPeriod"] = 3
        found = the(compare("cell"), "AWS::RDS::DBCluster")
        assert (found.action, found.properties, found.loses) == ("changed", ("BackupRetentionPeriod",), "")

    def test_follows_the_key_that_a_database_is_encrypted_with(self, launch, compare):
        """Its own words in the template stay the same."""
        key = next(name for name, one in launch["cell"]["Resources"].items() if one["Type"] == "AWS::KMS::Key")
        launch["cell"]["Resources"][key]["Type"] = "AWS::KMS::ReplicaKey"
        found = the(compare("cell"), "AWS::RDS::DBCluster")
        assert (found.action, found.because) == ("replaced", key)
        assert the(compare("cell"), "AWS::RDS::DBInstance").action == "replaced"

    def test_follows_from_one_to_the_next(self):
        instance = {"Type": "AWS::RDS::DBInstance", "Properties": {"DBSubnetGroupName": {"Ref": "Cluster"}}}
        cluster = {"Type": "AWS::RDS::DBCluster", "Properties": {"DBSubnetGroupName": {"Ref": "Group"}}}
        base = {"Resources": {"Group": queue("a"), "Cluster": cluster, "Instance": instance}}
        head = {"Resources": {"Group": queue("b"), "Cluster": cluster, "Instance": instance}}
        assert {change.resource: change.because for change in changes("x", base, head)} == {
            "Group": "",
            "Cluster": "Group",
            "Instance": "Cluster",
        }

    def test_follows_a_parameter_that_leads_elsewhere(self, launch, compare):
        vpc = next(
            name for name, one in launch["cell"]["Parameters"].items() if one.get("Default", "").endswith("network/vpc")
        )
        launch["cell"]["Parameters"][vpc]["Default"] = "/freehold/launch/network/another"
        groups = [change for change in compare("cell") if change.kind == "AWS::EC2::SecurityGroup"]
        assert {(change.action, change.because) for change in groups} == {("replaced", vpc)}

    def test_is_another_type(self, launch, compare):
        first = next(name for name, one in launch["messaging"]["Resources"].items() if one["Type"] == "AWS::SQS::Queue")
        launch["messaging"]["Resources"][first]["Type"] = "AWS::SNS::Topic"
        [found] = [change for change in compare("messaging") if change.resource == first]
        assert (found.action, found.properties, found.loses) == ("replaced", ("Type",), "messages that wait")

    @pytest.mark.parametrize(
        ("value", "named"),
        [
            ({"Fn::GetAtt": ["Key", "Arn"]}, ["Key"]),
            ({"Fn::Join": ["", ["a", {"Ref": "Topic"}]]}, ["Topic"]),
            ({"Fn::Sub": "arn:${AWS::Partition}:${Bucket.Arn}"}, ["AWS::Partition", "Bucket"]),
            ({"Fn::Sub": ["${Name}", {"Name": {"Ref": "Role"}}]}, ["Name", "Role"]),
            ("Key", []),
        ],
    )
    def test_sees_what_a_value_names(self, value, named):
        assert list(references(value)) == named

    def test_is_known_of_every_type_that_holds_something(self):
        fixed = {kind for kind in HOLDS if create_only(kind)}
        assert set(HOLDS) - fixed == {"AWS::Cognito::UserPool", "AWS::KMS::Key"}, "which AWS never replaces by itself"


class TestRemoval:
    @pytest.mark.parametrize(
        ("stack", "kind"),
        [
            ("cell", "AWS::RDS::DBCluster"),
            ("cell", "AWS::KMS::Key"),
            ("cell", "AWS::Logs::LogGroup"),
            ("messaging", "AWS::S3::Bucket"),
            ("messaging", "AWS::SQS::Queue"),
            ("messaging", "AWS::SecretsManager::Secret"),
        ],
    )
    def test_of_what_holds_something_is_a_loss(self, launch, compare, stack, kind):
        name = next(name for name, one in launch[stack]["Resources"].items() if one["Type"] == kind)
        del launch[stack]["Resources"][name]
        [found] = compare(stack)
        assert (found.action, found.resource) == ("removed", name)
        assert found.loses

    def test_of_what_holds_nothing_is_none(self, launch, compare):
        alarm = next(
            n for n, one in launch["messaging"]["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"
        )
        del launch["messaging"]["Resources"][alarm]
        assert [(change.action, change.loses) for change in compare("messaging")] == [("removed", "")]

    def test_says_all_that_our_stacks_keep_on_purpose(self, templates):
        kept = {"Retain", "RetainExceptOnCreate", "Snapshot"}
        all_gone = [change for stack, whole in templates.items() for change in changes(stack, whole, {})]
        lost = {change.resource for change in all_gone if change.loses}
        assert [
            name
            for template in templates.values()
            for name, one in template["Resources"].items()
            if one.get("DeletionPolicy") in kept and name not in lost
        ] == []


@pytest.fixture
def folders(tmp_path, templates, launch):
    """Two that hold the same, to write another head into."""
    for side in ("base", "head"):
        folder = tmp_path / side / "launch"
        folder.mkdir(parents=True)
        for stack, template in templates.items():
            (folder / f"freehold-launch-{stack}.template.json").write_text(json.dumps(template))
    return tmp_path


@pytest.fixture
def without_a_secret(folders, launch):
    """The head lacks it; its name."""
    name = next(
        n for n, one in launch["messaging"]["Resources"].items() if one["Type"] == "AWS::SecretsManager::Secret"
    )
    del launch["messaging"]["Resources"][name]
    (folders / "head/launch/freehold-launch-messaging.template.json").write_text(json.dumps(launch["messaging"]))
    return f"freehold-launch-messaging/{name}"


def run(folders, *more):
    return difference.main(["--base", str(folders / "base"), "--head", str(folders / "head"), *more])


class TestCommand:
    def test_is_content_where_nothing_differs(self, folders, capsys):
        assert run(folders) == 0
        assert capsys.readouterr().out == "No difference: deploying this changes nothing.\n"

    def test_fails_where_something_is_lost(self, folders, without_a_secret, capsys):
        assert run(folders) == 1
        assert f"`--allow {without_a_secret}`" in capsys.readouterr().err

    def test_goes_on_where_that_is_allowed(self, folders, without_a_secret):
        assert run(folders, "--allow", without_a_secret) == 0
        assert run(folders, "--allow", "freehold-launch-messaging/*") == 0
        assert run(folders, "--allow", "freehold-launch-cell/*") == 1

    def test_tells_a_machine(self, folders, without_a_secret, capsys):
        run(folders, "--json")
        said = json.loads(capsys.readouterr().out)
        assert said["lost"] == [without_a_secret]
        assert [change["action"] for change in said["changes"]] == ["removed"]

    def test_tells_a_page(self, folders, without_a_secret, capsys):
        run(folders, "--markdown")
        page = capsys.readouterr().out
        assert "**This loses something:**" in page
        assert "| removed | `AWS::SecretsManager::Secret` |" in page

    def test_knows_a_stack_that_is_new_and_one_that_is_gone(self, folders, capsys):
        (folders / "base/launch/freehold-launch-api.template.json").unlink()
        (folders / "head/launch/freehold-launch-network.template.json").unlink()
        run(folders, "--json")
        actions = {(one["stack"], one["action"]) for one in json.loads(capsys.readouterr().out)["changes"]}
        assert actions == {("freehold-launch-api", "added"), ("freehold-launch-network", "removed")}

    def test_of_an_empty_folder_is_a_sentence(self, folders, tmp_path, capsys):
        (tmp_path / "empty").mkdir()
        assert difference.main(["--base", str(tmp_path / "empty"), "--head", str(folders / "head")]) == 2
        assert "holds no templates" in capsys.readouterr().err
