"""What somebody changed by hand is told, what moves by itself is not, and not to know is not to find nothing."""

import datetime as dt
import json

import pytest

from infra import drift
from tests.infra.sessions import Session

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
API, CELL = "freehold-launch-api", "freehold-launch-cell"


@pytest.fixture
def aws(monkeypatch):
    made = Session()
    monkeypatch.setattr(drift.boto3, "Session", lambda **_: made)
    monkeypatch.setattr(drift.time, "sleep", lambda _: None)
    yield made
    made.was_asked_all()


def has_stacks(aws, *names):
    told = [{"StackName": name, "CreationTime": NOW, "StackStatus": "UPDATE_COMPLETE"} for name in names]
    aws.answers("cloudformation", "describe_stacks", {"Stacks": told})


def begins(aws, *stacks):
    for stack in stacks:
        answer = {"StackDriftDetectionId": f"of-{stack}"}
        aws.answers("cloudformation", "detect_stack_drift", answer, {"StackName": stack})


def stands(aws, stack, status, **more):
    told = {
        "StackId": stack,
        "StackDriftDetectionId": f"of-{stack}",
        "DetectionStatus": status,
        "Timestamp": NOW,
    } | more
    asked = {"StackDriftDetectionId": f"of-{stack}"}
    aws.answers("cloudformation", "describe_stack_drift_detection_status", told, asked)


def differs(aws, stack, *resources, token=None, after=None):
    asked = {"StackName": stack, "StackResourceDriftStatusFilters": ["MODIFIED", "DELETED"]}
    answer = {"StackResourceDrifts": [*resources]} | ({"NextToken": token} if token else {})
    asked |= {"NextToken": after} if after else {}
    aws.answers("cloudformation", "describe_stack_resource_drifts", answer, asked)


def resource(kind, *paths, status="MODIFIED"):
    changes = [
        {"PropertyPath": path, "ExpectedValue": "512", "ActualValue": "1024", "DifferenceType": "NOT_EQUAL"}
        for path in paths
    ]
    return {
        "StackId": API,
        "LogicalResourceId": "projects",
        "PhysicalResourceId": "freehold-launch-projects",
        "ResourceType": kind,
        "PropertyDifferences": changes,
        "StackResourceDriftStatus": status,
        "Timestamp": NOW,
    }


def one_stack(aws, *resources):
    has_stacks(aws, API)
    begins(aws, API)
    stands(aws, API, "DETECTION_COMPLETE")
    differs(aws, API, *resources)


class TestChanges:
    def test_are_told_with_both_values(self, aws, capsys):
        one_stack(aws, resource("AWS::Lambda::Function", "/MemorySize"))
        assert drift.main(["--stage", "launch"]) == 1
        assert capsys.readouterr().out.splitlines() == [
            "freehold-launch-api: projects (AWS::Lambda::Function, freehold-launch-projects) differs",
            "  /MemorySize: 512 in the template, 1024 here",
            "drift: 1 changed by hand, in 1 stacks",
        ]

    def test_are_told_to_a_machine(self, aws, capsys):
        one_stack(aws, resource("AWS::Lambda::Function", "/MemorySize"))
        assert drift.main(["--stage", "launch", "--json"]) == 1
        [said] = json.loads(capsys.readouterr().out)
        assert said["properties"] == [{"path": "/MemorySize", "template": "512", "here": "1024"}]

    def test_are_told_of_what_is_gone(self, aws, capsys):
        one_stack(aws, resource("AWS::SQS::Queue", status="DELETED"))
        assert drift.main(["--stage", "launch"]) == 1
        assert "freehold-launch-projects) is gone" in capsys.readouterr().out

    def test_are_told_from_every_page_of_every_stack(self, aws, capsys):
        has_stacks(aws, API, "freehold-sandbox-api", CELL)
        begins(aws, API, CELL)
        stands(aws, API, "DETECTION_IN_PROGRESS")
        stands(aws, CELL, "DETECTION_COMPLETE")
        stands(aws, API, "DETECTION_COMPLETE")
        differs(aws, API, resource("AWS::Lambda::Function", "/MemorySize"), token="more")
        differs(aws, API, resource("AWS::Lambda::Function", "/Timeout"), after="more")
        differs(aws, CELL, resource("AWS::RDS::DBCluster", "/DeletionProtection"))
        assert drift.main(["--stage", "launch"]) == 1
        assert "drift: 3 changed by hand, in 2 stacks" in capsys.readouterr().out


class TestWhatMovesByItself:
    @pytest.mark.parametrize(
        ("kind", "path"),
        [
            ("AWS::Lambda::Version", "/ProvisionedConcurrencyConfig/ProvisionedConcurrentExecutions"),
            ("AWS::Lambda::Alias", "/FunctionVersion"),
            ("AWS::RDS::DBInstance", "/EngineVersion"),
        ],
    )
    def test_is_nobodys_change(self, aws, capsys, kind, path):
        one_stack(aws, resource(kind, path))
        assert drift.main(["--stage", "launch"]) == 0
        assert "drift: 0 changed by hand, in 1 stacks" in capsys.readouterr().out

    def test_hides_nothing_beside_it(self, aws, capsys):
        one_stack(aws, resource("AWS::RDS::DBInstance", "/EngineVersion", "/PubliclyAccessible"))
        assert drift.main(["--stage", "launch"]) == 1
        said = capsys.readouterr().out
        assert "/PubliclyAccessible" in said
        assert "/EngineVersion" not in said

    def test_is_somebodys_elsewhere(self, aws):
        one_stack(aws, resource("AWS::Lambda::Function", "/FunctionVersion"))
        assert drift.main(["--stage", "launch"]) == 1


class TestWhatCouldNotBeAsked:
    def test_is_not_nothing(self, aws, capsys):
        has_stacks(aws, API, CELL)
        begins(aws, API, CELL)
        stands(aws, API, "DETECTION_COMPLETE")
        stands(aws, CELL, "DETECTION_FAILED", DetectionStatusReason="no right to rds:DescribeDBClusters")
        assert drift.main(["--stage", "launch"]) == 2
        assert f"{CELL}: no right to rds:DescribeDBClusters" in capsys.readouterr().err

    def test_ends(self, aws, capsys, monkeypatch):
        monkeypatch.setattr(drift, "_LONGEST_SECONDS", 0.0)
        has_stacks(aws, API)
        begins(aws, API)
        stands(aws, API, "DETECTION_IN_PROGRESS")
        assert drift.main(["--stage", "launch"]) == 2
        assert f"{API}: not compared after 0 s" in capsys.readouterr().err

    def test_is_a_stage_without_stacks(self, aws, capsys):
        has_stacks(aws, "freehold-sandbox-api")
        assert drift.main(["--stage", "launch"]) == 2
        assert "AWS_REGION" in capsys.readouterr().err

    def test_is_a_stage_that_is_none(self, capsys):
        assert drift.main(["--stage", "production"]) == 2
        assert "There is no stage 'production'" in capsys.readouterr().err
