"""What was decided, and why."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from freehold.flags.evaluation import Reason

type Kind = Literal["feature", "limit", "flag", "rate"]


class UnknownKey(LookupError):
    """Nothing has this key."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"There is no feature, limit, flag or rate {key[:80]!a}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer for one key.

    A feature is true or false, its variants `on` and `off`. A limit is an object: `limit` (None is no limit), `used`
    and `remaining` (None until `with_usage` has said them), and `hard`, whether more is refused. A rate, which is only
    explained, is an object too: so many `requests` in so many `seconds` (None is no limit), and `key_share`, the part
    of it that one caller may take.
    """

    key: str
    kind: Kind
    value: Any
    """None where the reason is ERROR."""
    variant: str | None
    reason: Reason
    rule: str
    until: datetime | None
    """The next moment at which it may change by itself."""
    lifts: tuple[str, ...]
    """The plans and add-ons that would give it, or more of it."""
    exposed: str | None = None
    """Who takes part in an experiment by this answer: what its shares are dealt by."""

    def as_json(self) -> dict[str, Any]:
        """As it is shown."""
        return {
            "key": self.key,
            "kind": self.kind,
            "value": self.value,
            "variant": self.variant,
            "reason": self.reason,
            "rule": self.rule,
            "until": self.until.isoformat() if self.until else None,
            "lifts": list(self.lifts),
        }


def with_usage(decision: Decision, used: int) -> Decision:
    """A limit with what there is already of the thing, and how many more there may be."""
    most = decision.value["limit"]
    remaining = None if most is None else max(0, most - used)
    return replace(decision, value=decision.value | {"used": used, "remaining": remaining})
