"""The deployed stack on a laptop: deployed, updated, explained, and reachable from this machine alone."""

import json
import re
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError

from infra.stage import STAGES
from infra.templates import templates_of
from local import aws, web
from local.deployer import deploy
from local.emulator import Emulator
from local.emulator_gaps import UNKNOWN_FORMS, UNKNOWN_TYPES
from local.errors import LocalError
from local.function_logs import function_logs
from local.ports import listen, port_of
from local.postgres import Postgres
from local.project import ROOT
from local.reloader import LogStream, Reloader
from local.synthesis import Synthesis, deploys
from local.template import API_ID
from tests.local import listeners, tiny_cloud
from tests.local.working_cloud import until

ANYWHERE, LOOPBACK = "00000000", "0100007F"


@pytest.fixture(scope="module")
def url(emulator):
    return f"{emulator.endpoint}/_aws/execute-api/{API_ID}"


class TestDeploy:
    def test_zips_answer_and_an_update_changes_them(self, emulator, url, tmp_path):
        out = tiny_cloud.write_stack(tmp_path, setting="one")
        assert deploy(emulator, out, tiny_cloud.STACK) == {"Setting": "one"}
        assert b'"setting": "one"' in web.get(f"{url}/health").body
        assert deploy(emulator, out, tiny_cloud.STACK) == {"Setting": "one"}
        assert deploy(emulator, tiny_cloud.write_stack(tmp_path, setting="two"), tiny_cloud.STACK) == {"Setting": "two"}
        assert b'"setting": "two"' in web.get(f"{url}/health").body

    def test_what_functions_printed_says_whose_it_is(self, emulator, url):
        web.get(f"{url}/health")
        assert '"message": "called"' in function_logs(emulator)[-1]
        assert function_logs(emulator)[-1].startswith('{"function": ')

    def test_what_functions_printed_is_found_behind_more_log_groups_than_fit_on_a_page(self, emulator, url):
        logs = aws.session().client("logs", **aws.at(emulator.endpoint))
        for number in range(60):
            logs.create_log_group(logGroupName=f"/aaa/{number}")
        assert len(logs.describe_log_groups()["logGroups"]) < 60
        web.get(f"{url}/health")
        assert '"message": "called"' in function_logs(emulator)[-1]

    def test_a_type_that_is_missing_from_the_list_is_named(self, emulator, tmp_path):
        out = tiny_cloud.write_stack(tmp_path, extra={"Odd": {"Type": "AWS::Odd::Thing"}})
        with pytest.raises(LocalError, match="AWS::Odd::Thing"):
            deploy(emulator, out, tiny_cloud.STACK)

    def test_a_resource_that_fails_is_named_with_its_reason(self, emulator, tmp_path):
        secret = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "SecureString", "Value": "x"}}
        out = tiny_cloud.write_stack(tmp_path, extra={"Odd": secret})
        with pytest.raises(LocalError, match=r"did not deploy: Odd: "):
            deploy(emulator, out, tiny_cloud.STACK)


class TestGaps:
    def test_the_list_is_exactly_what_our_stacks_contain_and_the_emulator_does_not_know(self, emulator):
        types = {kind for stage in STAGES.values() for kind in types_of(stage)}
        assert unknown_to(emulator, types) == set(UNKNOWN_TYPES)

    def test_an_alarm_that_computes_is_refused_and_taken_out(self, emulator, tmp_path, monkeypatch):
        [(kind, name)] = UNKNOWN_FORMS
        properties = {name: [{"Id": "one", "Expression": "1", "ReturnData": True}], "EvaluationPeriods": 1}
        out = tiny_cloud.write_stack(tmp_path, extra={"Computes": {"Type": kind, "Properties": properties}})
        deploy(emulator, out, tiny_cloud.STACK)
        monkeypatch.setattr("local.template.UNKNOWN_FORMS", {})
        with pytest.raises(LocalError, match="Computes"):
            deploy(emulator, out, tiny_cloud.STACK)

    def test_a_gap_would_be_seen(self, emulator):
        assert unknown_to(emulator, {"AWS::SQS::Queue", "AWS::Odd::Thing"}) == {"AWS::Odd::Thing"}

    def test_an_alarm_that_calculates_is_still_refused(self, emulator):
        cloudformation = aws.session().client("cloudformation", **aws.at(emulator.endpoint))
        cloudformation.create_stack(StackName="odd", TemplateBody=json.dumps({"Resources": {"Odd": CALCULATES}}))
        until(lambda: "IN_PROGRESS" not in cloudformation.describe_stacks(StackName="odd")["Stacks"][0]["StackStatus"])
        events = cloudformation.describe_stack_events(StackName="odd")["StackEvents"]
        assert any("metric math" in event.get("ResourceStatusReason", "") for event in events)
        assert UNKNOWN_FORMS.keys() == {("AWS::CloudWatch::Alarm", "Metrics")}

    def test_monitoring_deploys_with_its_dashboards(self, emulator):
        synthesis = Synthesis("launch", mode="working-tree")
        synthesis.start()
        synthesis.wait()
        for name in ("gateway/api", "network/ways-out"):
            emulator.put_parameter(f"/freehold/launch/{name}", "an-id")
        deploy(emulator, synthesis.out, "freehold-launch-monitoring")
        cloudwatch = aws.session().client("cloudwatch", **aws.at(emulator.endpoint))
        made = {each["DashboardName"] for each in cloudwatch.list_dashboards()["DashboardEntries"]}
        assert made == {"freehold-launch-on-call"}
        alarms = {each["MetricName"] for each in cloudwatch.describe_alarms()["MetricAlarms"]}
        assert {"Throttles", "CPUUtilization", "StatusCheckFailed_System"} <= alarms


CALCULATES = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "Metrics": [{"Id": "sum", "Expression": "1 + 1"}],
    },
}


def types_of(stage):
    """Of the stacks that deploy on a laptop."""
    templates = [found for stack, found in templates_of(stage, ROOT).items() if deploys(stack, stage.name)]
    return {resource["Type"] for template in templates for resource in template["Resources"].values()}


def unknown_to(emulator, types):
    """As the emulator itself says."""
    template = {"Resources": {f"Resource{number}": {"Type": kind} for number, kind in enumerate(sorted(types))}}
    cloudformation = aws.session().client("cloudformation", **aws.at(emulator.endpoint))
    try:
        cloudformation.validate_template(TemplateBody=json.dumps(template))
    except ClientError as error:
        found = re.search(r"Unrecognized resource types: \[(.*)\]", error.response["Error"]["Message"])
        return set(found.group(1).split(", ")) if found else set()
    return set()


class TestLife:
    def test_a_port_in_use_is_one_sentence(self, tmp_path):
        with listen() as taken, pytest.raises(LocalError, match=r"for the API is in use; .* API_PORT=…"):
            Emulator(tmp_path, port=port_of(taken), choose="API_PORT=…").start()

    def test_without_its_environment_it_says_what_to_do(self, tmp_path):
        with pytest.raises(LocalError, match="make setup"):
            Emulator(tmp_path, python=tmp_path / "python").start()


@pytest.mark.skipif(not listeners.PROC.exists(), reason="only Linux tells who listens where in /proc")
class TestListeners:
    def test_everything_listens_on_loopback_only(self, emulator, folder, tmp_path):
        with (
            Postgres(folder, durable=False),
            Reloader(LogStream(tmp_path / "log"), aws_endpoint=emulator.endpoint, root=tmp_path),
        ):
            assert listeners.of_children() == {LOOPBACK}

    def test_a_listener_that_is_open_to_all_would_be_seen(self):
        code = "import socket; s = socket.create_server(('0.0.0.0', 0)); print('up', flush=True); input()"
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            child.stdout.readline()
            assert ANYWHERE in listeners.of_children()
            child.communicate(b"\n")
