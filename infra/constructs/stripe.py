"""Stripe: the secret that opens it, and the way in for its events where they come over EventBridge.

A person writes the secret, and connects the partner event source: docs/runbooks/stripe.md.
"""

from aws_cdk import Acknowledgment, RemovalPolicy, SecretValue, Validations
from aws_cdk.aws_events import EventBus, EventPattern
from aws_cdk.aws_secretsmanager import Secret
from constructs import Construct

from infra.constructs.bus import hand_over
from infra.constructs.queues import PurposeQueue
from infra.stage import Stage

EVENTS = "stripe"
"""The purpose of the queue that partner events go to."""
_NOTHING = "{}"
"""Until somebody has put the keys there. A deploy does not write it again."""


def stripe_secret(scope: Construct, stage: Stage) -> Secret:
    """Empty at first, and never deleted by a deploy."""
    secret = Secret(
        scope,
        "Stripe",
        secret_name=f"freehold/{stage.name}/stripe",
        description="The keys to Stripe, as JSON: docs/runbooks/stripe.md",
        secret_string_value=SecretValue.unsafe_plain_text(_NOTHING),
        removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    )
    Validations.of(secret).acknowledge(
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-SMG4",
            reason="A person makes these keys at Stripe, whose API renews none of them; functions look for new ones.",
        )
    )
    return secret


def hand_events(scope: Construct, source: str, purpose: PurposeQueue) -> None:
    """What Stripe's partner event source brings, to the queue."""
    bus = EventBus(scope, "StripeBus", event_source_name=source)
    hand_over(scope, "StripeRule", EventPattern(source=[source]), purpose, bus=bus, group=None)
