"""What the emulator does not know: taken out of a template before it is deployed on a laptop, and nowhere else.

One unknown type refuses a whole stack. The stacks are not bent to the emulator; a test holds this list to what they
contain, so that a new gap is seen, and an entry that is no longer needed goes.
"""

from collections.abc import Mapping

_KEEPS_NOTHING_WARM = "it follows load with provisioned concurrency, and a laptop has neither"
_SHIFTS_NOTHING = "it moves traffic from one version to the next, and a laptop has none to move"

UNKNOWN_TYPES: Mapping[str, str] = {
    "AWS::Events::Archive": "it replays events of weeks ago, and a laptop is emptied instead",
    "AWS::ApplicationAutoScaling::ScalableTarget": _KEEPS_NOTHING_WARM,
    "AWS::ApplicationAutoScaling::ScalingPolicy": _KEEPS_NOTHING_WARM,
    "AWS::CodeDeploy::Application": _SHIFTS_NOTHING,
    "AWS::CodeDeploy::DeploymentConfig": _SHIFTS_NOTHING,
    "AWS::CodeDeploy::DeploymentGroup": _SHIFTS_NOTHING,
    "AWS::CloudWatch::CompositeAlarm": "it wakes somebody by two alarms at once, and nobody is woken on a laptop",
}
"""Resource type, and why a laptop can do without it."""

UNKNOWN_FORMS: Mapping[tuple[str, str], str] = {
    ("AWS::CloudWatch::Alarm", "Metrics"): "an alarm that calculates is refused; those of one metric are made",
}
"""Resource type and a property, with which it goes, and why a laptop can do without it."""

UNKNOWN_ATTRIBUTES: Mapping[str, str] = {
    "UpdatePolicy": "it names CodeDeploy, and a laptop has no traffic to shift",
}
"""Attribute of any resource, and why a laptop can do without it."""
