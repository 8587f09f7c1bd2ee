"""What a laptop deploys is what was synthesized, but for a list with reasons."""

import json
from datetime import UTC, datetime

from local.template import for_laptop

STACK = {
    "Rules": {"CheckBootstrapVersion": {}},
    "Resources": {
        "Alias": {"Type": "AWS::Lambda::Alias", "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {}}},
        "Group": {"Type": "AWS::CodeDeploy::DeploymentGroup"},
        "Route": {"Type": "AWS::ApiGatewayV2::Route", "DependsOn": ["Group", "Alias"]},
        "Other": {"Type": "AWS::ApiGatewayV2::Route", "DependsOn": "Group"},
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "api", "Tags": {"team": "a"}}},
        "Slow": {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(15 minutes)"}},
        "Nightly": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "ScheduleExpression": "cron(17 3 * * ? *)",
                "Target": {"Arn": "a", "Input": '{"scheduled_at": "<aws.scheduler.scheduled-time>"}'},
            },
        },
        "Relay": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Handler": "functions.relay.handler.handler",
                "Environment": {"Variables": {"FREEHOLD_RELAY_STAYS": "0", "FREEHOLD_BUS": "b"}},
            },
        },
        "Reader": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"BatchSize": 1, "ScalingConfig": {"MaximumConcurrency": 100}},
        },
        "Hello": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "functions.hello.handler.handler"}},
    },
}


class TestForLaptop:
    def test_takes_out_what_the_emulator_does_not_know_and_what_hangs_on_it(self):
        resources = for_laptop(STACK, unknown={"AWS::CodeDeploy::DeploymentGroup"})["Resources"]
        assert "Group" not in resources
        assert resources["Alias"] == {"Type": "AWS::Lambda::Alias"}
        assert (resources["Route"]["DependsOn"], resources["Other"]["DependsOn"]) == (["Alias"], [])

    def test_takes_out_what_has_a_property_that_the_emulator_does_not_know(self):
        alarms = {
            "Plain": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"MetricName": "Errors"}},
            "Calculates": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Metrics": []}},
        }
        assert for_laptop({"Resources": alarms})["Resources"].keys() == {"Plain"}

    def test_pins_the_address_of_the_api(self):
        assert for_laptop(STACK)["Resources"]["Api"]["Properties"]["Tags"] == {"team": "a", "ms-custom-id": "freehold"}

    def test_posts_events_to_the_working_tree_only_where_it_is_asked(self):
        posted = for_laptop(STACK, function_host="http://127.0.0.1:1")["Resources"]["Hello"]["Properties"]
        assert posted["Environment"]["Variables"] == {
            "MINISTACK_LAMBDA_PROXY_URL": "http://127.0.0.1:1/functions.hello.handler.handler"
        }
        assert "Environment" not in for_laptop(STACK)["Resources"]["Hello"]["Properties"]

    def test_tells_each_function_what_it_is_to_be_told(self):
        resources = for_laptop(STACK, told={"FREEHOLD_X": "1"})["Resources"]
        assert resources["Hello"]["Properties"]["Environment"]["Variables"] == {"FREEHOLD_X": "1"}
        assert resources["Relay"]["Properties"]["Environment"]["Variables"]["FREEHOLD_X"] == "1"
        assert "Environment" not in resources["Api"]["Properties"]

    def test_wakes_the_relay_every_minute_and_has_it_stay(self):
        resources = for_laptop(STACK)["Resources"]
        assert resources["Slow"]["Properties"] == {"ScheduleExpression": "rate(1 minute)"}
        assert resources["Nightly"]["Properties"]["ScheduleExpression"] == "cron(17 3 * * ? *)"
        told = resources["Relay"]["Properties"]["Environment"]["Variables"]
        assert told == {"FREEHOLD_RELAY_STAYS": "55", "FREEHOLD_BUS": "b"}

    def test_has_it_stay_from_the_working_tree_too(self):
        relay = for_laptop(STACK, function_host="http://127.0.0.1:1")["Resources"]["Relay"]["Properties"]
        assert relay["Environment"]["Variables"] == {
            "FREEHOLD_RELAY_STAYS": "55",
            "FREEHOLD_BUS": "b",
            "MINISTACK_LAMBDA_PROXY_URL": "http://127.0.0.1:1/functions.relay.handler.handler",
        }

    def test_starts_few_processes_at_once_for_a_queue(self):
        reader = STACK["Resources"]["Reader"]["Properties"]
        few = for_laptop(STACK)["Resources"]["Reader"]["Properties"]
        assert few == reader | {"ScalingConfig": {"MaximumConcurrency": 2}}

    def test_calls_the_working_tree_as_often_as_the_stage_does(self):
        hosted = for_laptop(STACK, function_host="http://127.0.0.1:1")["Resources"]["Reader"]
        assert hosted == STACK["Resources"]["Reader"]

    def test_says_when_the_clock_calls_where_no_function_host_does(self):
        target = for_laptop(STACK)["Resources"]["Nightly"]["Properties"]["Target"]
        assert datetime.fromisoformat(json.loads(target["Input"])["scheduled_at"]) <= datetime.now(UTC)
        assert target["Arn"] == "a"
        hosted = for_laptop(STACK, function_host="http://127.0.0.1:1")["Resources"]["Nightly"]
        assert hosted == STACK["Resources"]["Nightly"]

    def test_leaves_its_argument_alone(self):
        before = json.dumps(STACK)
        for_laptop(STACK, function_host="http://127.0.0.1:1")
        assert json.dumps(STACK) == before
