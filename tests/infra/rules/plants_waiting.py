"""What breaks the rules about queues, alarms and logs."""

from tests.infra.rules.planted import GONE, OFF, Place, Planted, Templates, add, change, drop, resource

QUEUE, MAPPING, EVENT_RULE = "AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping", "AWS::Events::Rule"
ALARM, FILTER, GROUP, FUNCTION = (
    "AWS::CloudWatch::Alarm",
    "AWS::Logs::MetricFilter",
    "AWS::Logs::LogGroup",
    "AWS::Lambda::Function",
)
SCHEDULE, STAGE, CLUSTER, PROXY = (
    "AWS::Scheduler::Schedule",
    "AWS::ApiGatewayV2::Stage",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBProxy",
)
BULK = '"freehold-launch-bulk"'
EVENTS, DEAD = '"freehold-launch-webhooks"', '"freehold-launch-webhooks-dead"'


def dead_without_alarm(templates: Templates) -> Place:
    (stack, alarm), _ = resource(templates, ALARM, "lies in freehold-launch-webhooks-dead")
    del templates[stack]["Resources"][alarm]
    return resource(templates, QUEUE, DEAD)[0]


def late_without_alarm(templates: Templates) -> Place:
    (stack, alarm), _ = resource(templates, ALARM, "fan_out does not keep up")
    del templates[stack]["Resources"][alarm]
    return resource(templates, QUEUE, EVENTS)[0]


def unread(templates: Templates) -> Place:
    (stack, mapping), _ = resource(templates, MAPPING, "RunBulk")
    del templates[stack]["Resources"][mapping]
    return resource(templates, QUEUE, BULK)[0]


def clock_without_alarm(sentence: str):
    def fault(templates: Templates) -> Place:
        (stack, alarm), _ = resource(templates, ALARM, sentence)
        del templates[stack]["Resources"][alarm]
        return resource(templates, FUNCTION, '"freehold-launch-upkeep"')[0]

    return fault


def unfed(templates: Templates) -> Place:
    """An alarm on a metric that no filter counts, because its name has a slip in it."""
    (stack, _), late = resource(templates, ALARM, "Events wait for minutes")
    slip = {"MetricName": "launch-oldest-events", "AlarmDescription": "Another one."}
    return add(ALARM, {**late["Properties"], **slip}, stack=stack)(templates)


def log_half(templates: Templates) -> Place:
    change("AWS::EC2::FlowLog", "TrafficType", "ACCEPT")(templates)
    return resource(templates, "AWS::EC2::VPC")[0]


PLANTED = (
    Planted(rule="messages-stay-hidden-for-six-tries", fault=change(QUEUE, "VisibilityTimeout", 5399, BULK)),
    Planted(rule="messages-stay-hidden-for-six-tries", fault=change(QUEUE, "VisibilityTimeout", GONE, BULK)),
    Planted(
        rule="messages-are-tried-as-declared",
        fault=change(QUEUE, "RedrivePolicy/maxReceiveCount", 19, '"freehold-launch-webhooks"'),
    ),
    Planted(rule="queues-are-read", fault=unread),
    Planted(rule="queues-have-dead-letters", fault=change(QUEUE, "RedrivePolicy/maxReceiveCount", GONE, BULK)),
    Planted(rule="dead-letters-stay-for-two-weeks", fault=change(QUEUE, "MessageRetentionPeriod", 345600, DEAD)),
    Planted(rule="messages-die-young", fault=change(QUEUE, "MessageRetentionPeriod", 1209600, BULK)),
    Planted(
        rule="dead-letters-are-their-queues-own",
        fault=change(QUEUE, "RedriveAllowPolicy", {"redrivePermission": "allowAll"}, DEAD),
    ),
    Planted(
        rule="dead-letters-are-their-queues-own",
        fault=change(QUEUE, "RedriveAllowPolicy/sourceQueueArns", ["arn:aws:sqs:region:account:mine"], DEAD),
    ),
    Planted(rule="workers-name-what-failed", fault=change(MAPPING, "FunctionResponseTypes", GONE)),
    Planted(rule="workers-are-bounded", fault=change(MAPPING, "ScalingConfig", GONE)),
    Planted(rule="workers-are-bounded", fault=change(MAPPING, "ScalingConfig/MaximumConcurrency", 3), stage="sandbox"),
    Planted(rule="events-are-kept-for-who-was-away", fault=change(EVENT_RULE, "Targets/0/DeadLetterConfig", GONE)),
    Planted(rule="events-are-kept-for-who-was-away", fault=change(EVENT_RULE, "Targets/0/RetryPolicy", GONE)),
    Planted(rule="calls-are-kept-for-who-was-away", fault=change(SCHEDULE, "Target/DeadLetterConfig", GONE)),
    Planted(rule="calls-are-kept-for-who-was-away", fault=change(SCHEDULE, "Target/RetryPolicy", GONE)),
    Planted(rule="events-are-grouped-by-tenant", fault=change(EVENT_RULE, "Targets/0/SqsParameters", GONE, "FanOut")),
    Planted(rule="alarms-wake-somebody", fault=change(ALARM, "AlarmActions", [])),
    Planted(rule="alarms-wake-somebody", fault=change(ALARM, "ActionsEnabled", OFF)),
    Planted(
        rule="alarms-wake-somebody", fault=change(ALARM, "AlarmActions", ["arn:aws:sns:eu-central-1:1:somebody-elses"])
    ),
    Planted(rule="alarms-say-what-they-mean", fault=change(ALARM, "AlarmDescription", GONE)),
    Planted(rule="dead-letters-are-seen", fault=dead_without_alarm),
    Planted(
        rule="dead-letters-are-seen-at-once",
        fault=change(ALARM, "Threshold", 10, "lies in freehold-launch-webhooks-dead"),
    ),
    Planted(
        rule="dead-letters-are-seen-at-once",
        fault=change(ALARM, "EvaluationPeriods", 60, "lies in freehold-launch-webhooks-dead"),
    ),
    Planted(rule="delays-are-seen", fault=late_without_alarm),
    Planted(rule="clocks-that-stop-are-seen", fault=clock_without_alarm("Nobody calls upkeep")),
    Planted(rule="clocks-that-stop-are-seen", fault=clock_without_alarm("A call of upkeep failed")),
    Planted(rule="alarms-are-fed", fault=unfed),
    Planted(rule="filters-are-heard", fault=drop(ALARM, "A night was too short", found_at=(FILTER, "billing-left"))),
    Planted(rule="logs-end", fault=change(GROUP, "RetentionInDays", GONE)),
    Planted(rule="logs-end", fault=change(GROUP, "RetentionInDays", 3653, "Projects")),
    Planted(rule="logs-outlive-their-stack", fault=change(GROUP, "^DeletionPolicy", "Delete")),
    Planted(rule="logs-outlive-their-stack", fault=change(GROUP, "^UpdateReplacePolicy", "Delete")),
    Planted(
        rule="logs-are-declared", fault=change(FUNCTION, "LoggingConfig/LogGroup", GONE, "freehold-launch-projects")
    ),
    Planted(rule="logs-are-declared", fault=change(FUNCTION, "LoggingConfig", GONE, "VpcRestrictDefaultSG")),
    Planted(rule="logs-are-declared", fault=change("AWS::EC2::FlowLog", "LogGroupName", "mine")),
    Planted(
        rule="databases-write-logs", fault=change(CLUSTER, "EnableCloudwatchLogsExports", ["postgresql", "upgrade"])
    ),
    Planted(rule="databases-write-logs", fault=change(CLUSTER, "EnableCloudwatchLogsExports", GONE)),
    Planted(rule="databases-write-logs", fault=drop(GROUP, "/aws/rds/proxy/", found_at=(PROXY, ""))),
    Planted(
        rule="functions-log-json", fault=change(FUNCTION, "LoggingConfig/LogFormat", "Text", "freehold-launch-projects")
    ),
    Planted(rule="requests-are-logged", fault=change(STAGE, "AccessLogSettings", GONE)),
    Planted(rule="requests-are-logged", fault=change(STAGE, "AccessLogSettings/Format", "$context.status")),
    Planted(rule="traffic-is-logged", fault=log_half),
    Planted(rule="traffic-is-logged", fault=drop("AWS::EC2::FlowLog", found_at=("AWS::EC2::VPC", ""))),
)
