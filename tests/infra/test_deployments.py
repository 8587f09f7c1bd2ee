"""What was deployed: AWS understands what it is asked, and what is told is of this stage and of this time."""

import datetime as dt
import json

import pytest
from botocore.stub import ANY

from infra import deployments
from infra.stage import LAUNCH
from tests.infra.sessions import Session

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
SINCE = NOW - dt.timedelta(days=30)
STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/freehold-launch-api/1"


@pytest.fixture
def aws():
    made = Session()
    yield made
    made.was_asked_all()


def stack(name):
    return {"StackName": name, "CreationTime": NOW, "StackStatus": "UPDATE_COMPLETE"}


def event(status, *, of=STACK, hours=0):
    made = {"StackId": STACK, "StackName": "freehold-launch-api", "EventId": status, "ResourceStatus": status}
    return made | {"PhysicalResourceId": of, "Timestamp": NOW - dt.timedelta(hours=hours)}


class TestStacks:
    def test_are_those_of_the_stage_as_wholes(self, aws):
        names = ["freehold-launch-api", "freehold-sandbox-api", "another"]
        aws.answers("cloudformation", "describe_stacks", {"Stacks": [stack(name) for name in names]})
        events = [
            event("UPDATE_COMPLETE"),
            event("UPDATE_COMPLETE", of="a-function"),
            event("UPDATE_IN_PROGRESS", hours=1),
        ]
        aws.answers("cloudformation", "describe_stack_events", {"StackEvents": events}, {"StackName": names[0]})
        found = deployments.stack_updates(aws, LAUNCH, SINCE)
        assert [(one.what, one.state) for one in found] == [
            ("freehold-launch-api", "UPDATE_COMPLETE"),
            ("freehold-launch-api", "UPDATE_IN_PROGRESS"),
        ]

    def test_are_told_of_as_far_back_as_was_asked(self, aws):
        """And no further page is asked for."""
        aws.answers("cloudformation", "describe_stacks", {"Stacks": [stack("freehold-launch-api")]})
        events = [event("UPDATE_COMPLETE"), event("CREATE_COMPLETE", hours=31 * 24)]
        aws.answers("cloudformation", "describe_stack_events", {"StackEvents": events, "NextToken": "more"})
        assert [one.state for one in deployments.stack_updates(aws, LAUNCH, SINCE)] == ["UPDATE_COMPLETE"]


class TestCanaries:
    def deployment(self, identifier, application, **more):
        made = {"deploymentId": identifier, "applicationName": application, "deploymentGroupName": "projects"}
        return made | {"status": "Succeeded", "createTime": NOW} | more

    def test_are_those_of_the_stage(self, aws):
        asked = {"createTimeRange": {"start": SINCE}}
        aws.answers("codedeploy", "list_deployments", {"deployments": ["d-1", "d-2", "d-3"]}, asked)
        told = [
            self.deployment("d-1", "freehold-launch"),
            self.deployment("d-2", "freehold-sandbox"),
            self.deployment("d-3", "freehold-launch", status="Stopped", errorInformation={"message": "An alarm rang."}),
        ]
        asked = {"deploymentIds": ["d-1", "d-2", "d-3"]}
        aws.answers("codedeploy", "batch_get_deployments", {"deploymentsInfo": told}, asked)
        found = deployments.canary_deployments(aws, LAUNCH, SINCE)
        assert [(one.what, one.state, one.why) for one in found] == [
            ("projects d-1", "Succeeded", ""),
            ("projects d-3", "Stopped", "An alarm rang."),
        ]

    def test_are_asked_for_in_groups_of_as_many_as_are_told(self, aws):
        aws.answers("codedeploy", "list_deployments", {"deployments": [f"d-{number}" for number in range(26)]})
        for _ in range(2):
            aws.answers("codedeploy", "batch_get_deployments", {"deploymentsInfo": []}, {"deploymentIds": ANY})
        assert deployments.canary_deployments(aws, LAUNCH, SINCE) == []


class TestCommand:
    @pytest.fixture
    def account(self, aws, monkeypatch):
        monkeypatch.setattr(deployments.boto3, "Session", lambda **_: aws)
        said = {"commit": "a" * 40, "who": "alice", "outcome": "succeeded", "run": ""}
        recent = {"Value": json.dumps(said), "LastModifiedDate": dt.datetime.now(dt.UTC)}
        old = {"Value": json.dumps(said | {"who": "bob"}), "LastModifiedDate": SINCE - dt.timedelta(days=3000)}
        aws.answers(
            "ssm", "get_parameter_history", {"Parameters": [old, recent]}, {"Name": "/freehold/launch/deployments"}
        )
        aws.answers("cloudformation", "describe_stacks", {"Stacks": []})
        aws.answers("codedeploy", "list_deployments", {"deployments": []})

    def test_tells_a_person(self, account, capsys):
        assert deployments.main(["--stage", "launch"]) == 0
        said = capsys.readouterr().out
        assert "succeeded  aaaaaaaaaaaa  alice\n" in said
        assert "bob" not in said
        assert "Stacks:\n  none\n" in said

    def test_tells_a_machine(self, account, capsys):
        assert deployments.main(["--stage", "launch", "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert [one["who"] for one in said["deployments"]] == ["alice"]
        assert (said["stacks"], said["canaries"]) == ([], [])

    def test_of_no_such_stage_is_a_sentence(self, capsys):
        assert deployments.main(["--stage", "production"]) == 1
        assert "There is no stage 'production'" in capsys.readouterr().err

    @pytest.mark.parametrize("days", ["0", "-1", "366", "999999999999", "two"])
    def test_looks_back_no_further_than_somebody_would_read(self, capsys, days):
        with pytest.raises(SystemExit) as ended:
            deployments.main(["--stage", "launch", "--days", days])
        assert ended.value.code == 2
        assert "--days" in capsys.readouterr().err
