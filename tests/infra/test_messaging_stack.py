"""Every purpose has its queue, every event its rule, and nothing that fails gets lost or stays unseen."""

import json

import pytest

from freehold.reports.service import KEPT
from infra.constructs.queues import JOB_CLASSES
from infra.stage import STAGES
from tests.infra.templates import of_type, only, parameters_written, text
from tests.infra.workers import EVERYTHING, EXAMPLES, FEEDBACK, JOBS, QUEUED, SOME, STRIPE

LAUNCH = pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
WOKEN = pytest.mark.parametrize("stage", [s for s in STAGES.values() if s.watch.wakes], ids=lambda s: s.name)
DAYS = 24 * 60 * 60
JOBS_OWN = tuple(f"{name.title()}Queue" for name in JOB_CLASSES)


@pytest.fixture
def messaging(working):
    return working["messaging"]


def queues(template, stage):
    """By what comes behind `freehold-<stage>-` in their names."""
    prefix = f"freehold-{stage.name}-"
    return {found["QueueName"].removeprefix(prefix): found for found in of_type(template, "AWS::SQS::Queue").values()}


def names(template, stage):
    prefix = f"freehold-{stage.name}-"
    for key, found in of_type(template, "AWS::SQS::Queue").items():
        yield key, found["QueueName"].removeprefix(prefix)


def rule_of(template, worker, stage):
    """The one rule that feeds this worker's queue."""
    [key] = [key for key, name in names(template, stage) if name == worker.queue.name]
    rules = of_type(template, "AWS::Events::Rule").values()
    [rule] = [rule for rule in rules if rule["Targets"][0]["Arn"] == {"Fn::GetAtt": [key, "Arn"]}]
    return rule


class TestQueues:
    def test_are_one_per_purpose_each_with_its_dead_letters(self, messaging, stage):
        purposes = {worker.queue.name for worker in QUEUED}
        assert queues(messaging, stage).keys() == purposes | {f"{purpose}-dead" for purpose in purposes}

    @LAUNCH
    def test_take_back_dead_letters_of_their_own_only(self, messaging, stage):
        allowed = queues(messaging, stage)["bulk-dead"]["RedriveAllowPolicy"]
        assert allowed["redrivePermission"] == "byQueue"
        assert [text(arn).endswith(':freehold-launch-bulk"]]}') for arn in allowed["sourceQueueArns"]] == [True]

    @pytest.mark.parametrize("worker", QUEUED, ids=lambda worker: worker.name)
    @LAUNCH
    def test_hide_a_message_for_six_tries_and_try_as_often_as_declared(self, messaging, stage, worker):
        queue = queues(messaging, stage)[worker.queue.name]
        assert queue["VisibilityTimeout"] == 6 * worker.timeout_seconds
        assert queue["RedrivePolicy"]["maxReceiveCount"] == worker.queue.receives

    @LAUNCH
    def test_forget_less_soon_when_dead(self, messaging, stage):
        """A message keeps its age when it goes there."""
        assert queues(messaging, stage)["bulk"]["MessageRetentionPeriod"] == 4 * DAYS


class TestAlarms:
    @LAUNCH
    def test_go_off_at_the_first_dead_letter_and_when_the_oldest_message_is_late(self, messaging):
        alarms = of_type(messaging, "AWS::CloudWatch::Alarm").values()
        at = {(alarm["MetricName"], alarm["Threshold"]) for alarm in alarms}
        dead = {("ApproximateNumberOfMessagesVisible", 1)}
        patience = {12 * worker.timeout_seconds for worker in QUEUED if worker.queue.name not in JOB_CLASSES}
        assert at == dead | {("ApproximateAgeOfOldestMessage", seconds) for seconds in patience}

    @LAUNCH
    def test_are_published_by_cloudwatch_of_this_account(self, messaging):
        statements = only(messaging, "AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
        [allowed] = [statement for statement in statements if statement["Effect"] == "Allow"]
        assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
        assert "AlarmTopic" in messaging["Outputs"]


@LAUNCH
class TestRules:
    def test_of_everything_has_no_filter(self, messaging, stage):
        assert rule_of(messaging, EVERYTHING, stage)["EventPattern"] == {"source": ["freehold"]}

    def test_of_some_names_them(self, messaging, stage):
        pattern = rule_of(messaging, SOME, stage)["EventPattern"]
        assert pattern == {"source": ["freehold"], "detail-type": ["member.invited", "project.created"]}

    def test_group_by_tenant_and_give_up_into_the_dead_letters(self, messaging, stage):
        [target] = rule_of(messaging, EVERYTHING, stage)["Targets"]
        [dead] = [key for key, name in names(messaging, stage) if name == "webhooks-dead"]
        assert target["SqsParameters"] == {"MessageGroupId": "$.detail.tenant_id"}
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [dead, "Arn"]}}
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": DAYS, "MaximumRetryAttempts": 185}

    def test_are_none_for_a_queue_of_jobs(self, messaging, stage):
        with pytest.raises(ValueError, match="not enough values"):
            rule_of(messaging, JOBS, stage)

    def test_alone_may_send_to_a_queue(self, messaging):
        for policy in of_type(messaging, "AWS::SQS::QueuePolicy").values():
            for statement in policy["PolicyDocument"]["Statement"]:
                if statement["Effect"] == "Allow":
                    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
                    assert "aws:SourceArn" in statement["Condition"]["ArnEquals"]

    def test_are_on_a_bus_that_is_archived(self, messaging):
        [bus] = of_type(messaging, "AWS::Events::EventBus")
        archive = only(messaging, "AWS::Events::Archive")
        assert archive["SourceArn"] == {"Fn::GetAtt": [bus, "Arn"]}
        assert archive["RetentionDays"] == 30


@LAUNCH
class TestMail:
    def test_comes_back_over_the_one_bus_that_ses_knows(self, messaging, stage):
        rule = rule_of(messaging, FEEDBACK, stage)
        destination = only(messaging, "AWS::SES::ConfigurationSetEventDestination")["EventDestination"]
        assert text(destination["EventBridgeDestination"]).endswith(':event-bus/default"]]}}')
        assert "EventBusName" not in rule
        assert rule["EventPattern"]["source"] == ["aws.ses"]
        assert len(rule["EventPattern"]["detail-type"]) == len(destination["MatchingEventTypes"])

    def test_of_another_stage_is_not_heard(self, messaging, stage):
        tags = rule_of(messaging, FEEDBACK, stage)["EventPattern"]["detail"]["mail"]["tags"]
        [ours] = tags["ses:configuration-set"]
        assert ours == only(messaging, "AWS::SES::ConfigurationSet")["Name"] == f"freehold-{stage.name}"


@LAUNCH
class TestFiles:
    def test_are_nobodys_and_go_after_a_week(self, messaging):
        bucket = bucket_of(messaging, "Files")
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
        assert (rules["reports"]["Prefix"], rules["reports"]["ExpirationInDays"]) == ("reports/", KEPT.days)
        assert rules["unfinished"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def bucket_of(template, name):
    [found] = [each for key, each in of_type(template, "AWS::S3::Bucket").items() if key.startswith(name)]
    return found


@LAUNCH
class TestStripe:
    def test_keys_are_nobodys_until_a_person_writes_them_and_stay_when_the_stack_goes(self, messaging):
        secrets = [r for r in messaging["Resources"].values() if r["Type"] == "AWS::SecretsManager::Secret"]
        names = {secret["Properties"]["Name"]: secret["Properties"]["SecretString"] for secret in secrets}
        assert names == {"freehold/launch/stripe": "{}", "freehold/launch/telemetry": "{}"}
        assert {secret["DeletionPolicy"] for secret in secrets} == {"RetainExceptOnCreate"}
        written = parameters_written(messaging)["/freehold/launch/messaging/stripe"]
        assert written["Ref"].startswith("Stripe")

    def test_without_a_partner_event_source_there_is_no_bus_for_it(self, messaging, stage):
        with pytest.raises(ValueError, match="not enough values"):
            rule_of(messaging, STRIPE, stage)

    def test_with_one_its_events_alone_go_to_the_queue(self, tree, synthesize, stage):
        source = "aws.partner/stripe.com/ed_test_61"
        chosen = {"code": "placeholder", "manifest": EXAMPLES, "stripe_source": source}
        template = synthesize(tree, stage=stage, **chosen)["messaging"]
        rule = rule_of(template, STRIPE, stage)
        buses = of_type(template, "AWS::Events::EventBus")
        assert rule["EventPattern"] == {"source": [source]}
        bus = buses[rule["EventBusName"]["Ref"]]
        assert bus["Name"] == bus["EventSourceName"] == source


class TestAnchors:
    def test_cannot_be_overwritten_or_deleted_for_a_year(self, messaging, stage):
        bucket = bucket_of(messaging, "Anchors")
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["ObjectLockEnabled"] is True
        mode = "COMPLIANCE" if stage.cell.keeps_data else "GOVERNANCE"
        assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {"Days": 365, "Mode": mode}


@LAUNCH
class TestParameters:
    def test_lead_to_every_queue(self, messaging):
        written = parameters_written(messaging)["/freehold/launch/messaging/queues"]
        filled = "".join(part if isinstance(part, str) else part["Ref"] for part in written["Fn::Join"][1])
        assert json.loads(filled).keys() == {worker.queue.name for worker in QUEUED}

    def test_have_a_digest_that_follows_the_queues(self, messaging, stacks):
        name = "/freehold/launch/messaging/digest"
        assert parameters_written(messaging)[name] != parameters_written(stacks["messaging"])[name]
