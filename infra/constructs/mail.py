"""E-mail: what SES is told about each one that it sends, and how its bounces and complaints come back."""

from aws_cdk import Stack
from aws_cdk.aws_events import EventPattern
from aws_cdk.aws_ses import CfnConfigurationSet, CfnConfigurationSetEventDestination
from constructs import Construct

from infra.constructs.bus import hand_over
from infra.constructs.queues import PurposeQueue
from infra.stage import Stage

FEEDBACK = "mail_feedback"
"""The purpose of the queue that bounces and complaints go to."""

_EVENTS = {"BOUNCE": "Email Bounced", "COMPLAINT": "Email Complaint Received"}
"""What SES calls it when it is asked for it, and when it says it."""


def configuration_set(scope: Construct, stage: Stage) -> None:
    """Publishes to the account's default bus, because SES publishes to no other."""
    made = CfnConfigurationSet(
        scope,
        "Mail",
        name=configuration_set_name(stage),
        delivery_options=CfnConfigurationSet.DeliveryOptionsProperty(tls_policy="REQUIRE"),
        reputation_options=CfnConfigurationSet.ReputationOptionsProperty(reputation_metrics_enabled=True),
        suppression_options=CfnConfigurationSet.SuppressionOptionsProperty(suppressed_reasons=["BOUNCE", "COMPLAINT"]),
    )
    default = Stack.of(scope).format_arn(service="events", resource="event-bus", resource_name="default")
    CfnConfigurationSetEventDestination(
        scope,
        "MailFeedback",
        configuration_set_name=made.ref,
        event_destination=CfnConfigurationSetEventDestination.EventDestinationProperty(
            name="bus",
            enabled=True,
            matching_event_types=[*_EVENTS],
            event_bridge_destination=CfnConfigurationSetEventDestination.EventBridgeDestinationProperty(
                event_bus_arn=default
            ),
        ),
    )


def configuration_set_name(stage: Stage) -> str:
    """As SES knows it; whoever sends names it."""
    return f"freehold-{stage.name}"


def hand_feedback(scope: Construct, stage: Stage, purpose: PurposeQueue) -> None:
    """What SES says about mail of this stage, to the queue; another stage of the account does not hear it."""
    ours = {"mail": {"tags": {"ses:configuration-set": [configuration_set_name(stage)]}}}
    pattern = EventPattern(source=["aws.ses"], detail_type=[*_EVENTS.values()], detail=ours)
    hand_over(scope, "MailFeedbackRule", pattern, purpose, bus=None, group=None)
