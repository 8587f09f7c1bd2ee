"""Queues and the clock call workers by their alias; what each is told follows from its declaration and the stage."""

import json
import re

import pytest

from freehold.jobs.models import JobClass
from infra.stage import STAGES
from tests.infra.conftest import ROOT
from tests.infra.templates import as_list, of_type, only, parameters_read, text
from tests.infra.workers import DAILY, HOURLY, JOBS, MAIL, QUEUED, RELAY, REPORTS, WORKERS

WOKEN = pytest.mark.parametrize("stage", [s for s in STAGES.values() if s.watch.wakes], ids=lambda s: s.name)
LAUNCH = pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
USAGE_WORKERS = {"run_billing", "run_payments", "report_usage", "stripe_events"}
EVERYWHERE = {"FREEHOLD_STAGE", "FREEHOLD_KEY_MODE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL"}


@pytest.fixture
def workers(working):
    return working["workers"]


def by_name(template, stage):
    prefix = f"freehold-{stage.name}-"
    functions = of_type(template, "AWS::Lambda::Function").values()
    return {function["FunctionName"].removeprefix(prefix): function for function in functions}


def feeds(template, stage):
    """Each event source mapping by the purpose of its queue."""
    found = of_type(template, "AWS::Lambda::EventSourceMapping").values()
    return {text(feed["EventSourceArn"]).split(f":freehold-{stage.name}-")[1].split('"')[0]: feed for feed in found}


def schedules(template, stage):
    found = of_type(template, "AWS::Scheduler::Schedule").values()
    return {schedule["Name"].removeprefix(f"freehold-{stage.name}-"): schedule for schedule in found}


def alarms(template):
    """Those that somebody hears of."""
    return [found for found in of_type(template, "AWS::CloudWatch::Alarm").values() if found["AlarmActions"]]


def watched_calls(template, metric):
    """The alarm on this metric of each scheduled function, as its callers name it."""
    by_target = {
        text(found["Target"]["Arn"]): found["Name"].split("-", 2)[2]
        for found in of_type(template, "AWS::Scheduler::Schedule").values()
    }
    watched = {}
    for found in alarms(template):
        if found.get("MetricName") == metric:
            [resource] = [text(each["Value"]) for each in found["Dimensions"] if each["Name"] == "Resource"]
            [name] = [name for target, name in by_target.items() if name in resource.lower()]
            watched[name] = found
    return watched


def read(template, function):
    """What its settings are read from, by their names."""
    paths = parameters_read(template)
    variables = function["Environment"]["Variables"]
    return {name: paths[value["Ref"]].split("/", 3)[3] for name, value in variables.items() if isinstance(value, dict)}


class TestFunctions:
    def test_are_those_without_routes(self, workers, stage):
        assert by_name(workers, stage).keys() == {worker.name for worker in WORKERS}

    @LAUNCH
    def test_with_routes_are_in_the_api(self, working, stage):
        assert by_name(working["api"], stage).keys() == {"authorizer", "reports"}

    @LAUNCH
    @pytest.mark.parametrize(
        ("worker", "told"),
        [
            (RELAY, {"FREEHOLD_BUS", "FREEHOLD_QUEUES", "FREEHOLD_RELAY_STAYS", "FREEHOLD_WORKERS_AT_ONCE"}),
            (HOURLY, set()),
            (JOBS, {"FREEHOLD_FILES", "FREEHOLD_READ_DATABASE"}),
            (MAIL, {"FREEHOLD_MAIL_FROM", "FREEHOLD_PUBLIC_URL"}),
        ],
        ids=lambda given: getattr(given, "name", ""),
    )
    def test_are_told_only_what_they_need(self, workers, stage, worker, told):
        function = by_name(workers, stage)[worker.name]
        assert set(function["Environment"]["Variables"]) == EVERYWHERE | {"FREEHOLD_DATABASE"} | told

    @LAUNCH
    def test_find_what_they_are_told_where_messaging_and_cell_left_it(self, workers, stage):
        functions = by_name(workers, stage)
        assert read(workers, functions["relay"])["FREEHOLD_QUEUES"] == "messaging/queues"
        assert read(workers, functions["run_bulk"])["FREEHOLD_READ_DATABASE"] == "cell/pool/reader/conninfo"
        assert read(workers, functions["send_mail"])["FREEHOLD_MAIL_FROM"] == "mail/from"

    @LAUNCH
    def test_that_migrate_have_the_writer_to_themselves(self, workers, stage):
        found = read(workers, by_name(workers, stage)[DAILY.name])
        assert found == {"FREEHOLD_DATABASE": "cell/pool/writer/conninfo"}

    @LAUNCH
    def test_are_new_versions_when_what_they_use_has_moved(self, workers):
        paths = {name: path.split("/", 3)[3] for name, path in parameters_read(workers).items()}
        [digest] = [name for name, path in paths.items() if path == "messaging/digest"]
        versions = of_type(workers, "AWS::Lambda::Version")
        using = {name for name, version in versions.items() if digest in text(version["Description"])}
        assert {name.split("Function")[0] for name in using} == {"Relay", "RunBilling", "RunBulk", "SendMail"}

    @LAUNCH
    def test_that_name_our_pages_are_new_versions_when_these_are_others(self, workers):
        [digest] = [name for name, path in parameters_read(workers).items() if path.endswith("/mail/digest")]
        versions = of_type(workers, "AWS::Lambda::Version")
        using = [name for name, version in versions.items() if digest in text(version["Description"])]
        assert {name.split("Function")[0] for name in using} == {"RunBilling", "SendMail"}


class TestQueues:
    def test_feed_their_function_by_its_alias(self, workers, stage):
        assert feeds(workers, stage).keys() == {worker.queue.name for worker in QUEUED}

    @pytest.mark.parametrize("worker", QUEUED, ids=lambda worker: worker.name)
    def test_run_as_many_at_once_as_declared_and_as_the_stage_allows(self, workers, stage, worker):
        feed = feeds(workers, stage)[worker.queue.name]
        assert feed["BatchSize"] == worker.queue.batch_size
        assert feed["ScalingConfig"]["MaximumConcurrency"] == min(worker.queue.concurrency, stage.workers_at_once)

    def test_are_narrower_where_the_database_is_small(self):
        assert STAGES["sandbox"].workers_at_once < STAGES["launch"].workers_at_once < STAGES["growth"].workers_at_once


class TestClock:
    def test_wakes_the_relay_at_the_pace_of_the_stage(self, workers, stage):
        every = stage.relay.every_minutes
        expected = f"cron(0/{every} * * * ? *)" if stage.cell.sleeps else "rate(1 minute)"
        assert schedules(workers, stage)["relay"]["ScheduleExpression"] == expected
        stays = by_name(workers, stage)["relay"]["Environment"]["Variables"]["FREEHOLD_RELAY_STAYS"]
        assert int(stays) == stage.relay.stays_seconds

    def test_tells_each_that_looks_how_long_ago_it_called_before(self, workers, stage):
        functions = {name: each["Environment"]["Variables"] for name, each in by_name(workers, stage).items()}
        told = {
            name: json.loads(each["FREEHOLD_SLEEPER"]) for name, each in functions.items() if "FREEHOLD_SLEEPER" in each
        }
        paces = {"relay": stage.relay.every_minutes, "tidy": 60} if stage.cell.sleeps else {}
        assert {name: each["minutes"] for name, each in told.items()} == paces

    def test_lets_the_database_of_a_sandbox_sleep(self):
        assert STAGES["sandbox"].cell.sleeps
        assert STAGES["sandbox"].relay.stays_seconds == 0

    @LAUNCH
    def test_says_for_which_time_it_calls(self, workers, stage):
        for schedule in schedules(workers, stage).values():
            said = {"scheduled_at": "<aws.scheduler.scheduled-time>", "called_by": "clock"}
            assert json.loads(schedule["Target"]["Input"]) == said
            assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
            assert schedule["GroupName"] == {"Ref": next(iter(of_type(workers, "AWS::Scheduler::ScheduleGroup")))}

    @LAUNCH
    def test_may_call_what_has_a_schedule_and_nothing_else(self, workers, stage):
        called = {text(schedule["Target"]["Arn"]) for schedule in schedules(workers, stage).values()}
        [role] = {text(schedule["Target"]["RoleArn"]) for schedule in schedules(workers, stage).values()}
        resource = workers["Resources"][json.loads(role)["Fn::GetAtt"][0]]["Properties"]
        [policy] = resource["Policies"]
        allowed = {
            text(arn)
            for statement in policy["PolicyDocument"]["Statement"]
            if statement["Action"] == "lambda:InvokeFunction"
            for arn in as_list(statement["Resource"])
        }
        assert allowed == called
        [trust] = resource["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}

    @LAUNCH
    def test_keeps_a_call_that_nobody_took(self, workers, stage):
        missed = only(workers, "AWS::SQS::Queue")
        assert missed["QueueName"] == "freehold-launch-missed-dead"
        assert {text(s["Target"]["DeadLetterConfig"]) for s in schedules(workers, stage).values()} == {
            text({"Arn": {"Fn::GetAtt": [next(iter(of_type(workers, "AWS::SQS::Queue"))), "Arn"]}})
        }
        [filled] = [found for found in alarms(workers) if found.get("Namespace") == "AWS/SQS"]
        assert filled["Threshold"] == 1

    @LAUNCH
    def test_wakes_somebody_when_a_call_fails(self, workers, stage):
        watched = watched_calls(workers, "Errors")
        assert watched.keys() == schedules(workers, stage).keys()
        for found in watched.values():
            assert found["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
            assert (found["Threshold"], found["Statistic"], found["EvaluationPeriods"]) == (1, "Sum", 1)

    def test_wakes_somebody_when_nobody_calls_any_more(self, workers, stage):
        if not stage.watch.wakes:
            return
        watched = watched_calls(workers, "Invocations")
        assert {name: found["Period"] for name, found in watched.items()} == {
            "relay": stage.relay.every_minutes * 60,
            "tidy": 3600,
            "partitions": 86_400,
        }
        for found in watched.values():
            assert found["ComparisonOperator"] == "LessThanThreshold"
            assert (found["Threshold"], found["Statistic"], found["TreatMissingData"]) == (1, "Sum", "breaching")
            within = found["Period"] * found["EvaluationPeriods"]
            assert within <= (7 * 86_400 if found["Period"] >= 3600 else 86_400), "CloudWatch looks back no further"

    @LAUNCH
    def test_repeats_a_call_that_failed_only_where_the_next_is_far(self, workers):
        found = of_type(workers, "AWS::Lambda::EventInvokeConfig")
        retries = {name.split("Live")[0]: config["MaximumRetryAttempts"] for name, config in found.items()}
        assert retries == {"Relay": 0, "Tidy": 2, "Partitions": 2}


@LAUNCH
class TestRelay:
    def test_may_send_to_the_queue_of_every_class_of_jobs_and_to_no_other(self, workers, stage):
        [send] = [s for s in statements_of(workers, stage, RELAY) if s["Action"] == "sqs:SendMessage"]
        assert {text(arn).split("freehold-launch-")[1].split('"')[0] for arn in send["Resource"]} == {*JobClass}

    def test_wakes_somebody_when_what_it_passes_on_is_old(self, workers, stage):
        [found] = [
            f for name, f in of_type(workers, "AWS::Logs::MetricFilter").items() if name.startswith("RelayOldest")
        ]
        [measured] = found["MetricTransformations"]
        assert found["FilterPattern"] == '{ $.message = "published" }'
        assert measured["MetricValue"] == "$.oldest_seconds"
        [old] = [each for each in alarms(workers) if each.get("MetricName") == measured["MetricName"]]
        assert (old["Namespace"], old["Statistic"]) == (measured["MetricNamespace"], "Maximum")
        assert old["Threshold"] == 60 * stage.relay.every_minutes + 300


@WOKEN
class TestComplaints:
    def test_wake_somebody_by_the_first_one_whichever_function_has_it_in_its_log(self, stacks, stage):
        filters = [
            each["MetricTransformations"][0]["MetricName"]
            for stack in ("api", "workers")
            for each in of_type(stacks[stack], "AWS::Logs::MetricFilter").values()
            if "$.message" in each["FilterPattern"] and each["MetricTransformations"][0]["MetricValue"] == "1"
        ]
        quarantined = f"{stage.name}-stripe-quarantined"
        assert filters.count(quarantined) == 2  # by webhook, and over EventBridge
        watching = {each["MetricName"]: each for each in alarms(stacks["workers"]) if "MetricName" in each}
        assert set(filters) <= watching.keys()
        assert (watching[quarantined]["Threshold"], watching[quarantined]["Statistic"]) == (1, "Sum")

    def test_are_made_of_a_night_that_was_too_short_for_all_tenants(self, stacks, stage):
        [found] = [
            each
            for each in of_type(stacks["workers"], "AWS::Logs::MetricFilter").values()
            if each["MetricTransformations"][0]["MetricName"] == f"{stage.name}-billing-left"
        ]
        assert found["FilterPattern"] == '{ $.message = "reconciled" && $.left > 0 }'
        assert "reconcilebilling" in text(found["LogGroupName"]).lower()

    def test_of_usage_are_heard_from_whichever_function_tells_or_compares_it(self, stacks, stage):
        workers = stacks["workers"]
        filters = of_type(workers, "AWS::Logs::MetricFilter").values()
        groups = {
            each["LogGroupName"]["Ref"]
            for each in filters
            if each["MetricTransformations"][0]["MetricName"] == f"{stage.name}-usage-doubtful"
        }
        heard = {
            name
            for name, function in by_name(workers, stage).items()
            if function["LoggingConfig"]["LogGroup"]["Ref"] in groups
        }
        assert heard == USAGE_WORKERS

    def test_are_in_the_words_that_the_code_logs(self, stacks):
        said = {
            word
            for stack in ("api", "workers")
            for each in of_type(stacks[stack], "AWS::Logs::MetricFilter").values()
            if each["MetricTransformations"][0]["MetricValue"] == "1"
            for word in re.findall(r'\$\.message = ("[^"]+")', each["FilterPattern"])
        }
        code = "".join(path.read_text() for path in (ROOT / "layers").rglob("*.py"))
        assert said
        assert [word for word in said if word not in code] == []


@LAUNCH
class TestReports:
    def test_are_given_out_by_the_api_and_written_by_a_worker(self, working, stage):
        assert allowed(working["api"], stage, REPORTS, "s3:") == {"s3:GetObject"}
        assert allowed(working["workers"], stage, JOBS, "s3:") == {"s3:AbortMultipartUpload", "s3:PutObject"}


def allowed(template, stage, declared, prefix):
    """What it may do with one service."""
    return {
        action
        for s in statements_of(template, stage, declared)
        for action in as_list(s["Action"])
        if action.startswith(prefix)
    }


def statements_of(template, stage, declared):
    """All that it may do."""
    role = by_name(template, stage)[declared.name]["Role"]["Fn::GetAtt"][0]
    policies = template["Resources"][role]["Properties"]["Policies"]
    return [s for policy in policies for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
