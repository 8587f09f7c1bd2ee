"""The dial: everything in which one stage differs from another, as data."""

from dataclasses import dataclass
from typing import Literal

from infra.errors import SynthesisError


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One position of the dial. A field exists only where two stages differ."""

    name: str
    key_mode: Literal["live", "test"]
    """What an API key of this stage starts with: `fh_live_` or `fh_test_`."""
    log_retention_days: int
    """One of the periods that CloudWatch Logs accepts."""
    keeps_logs: bool
    """True where the logs outlive the stack, because somebody may have to explain what happened."""
    requests_per_second: int
    """Above it, and after a burst of twice as many, API Gateway answers 429: the ceiling of a bad day's bill."""


STAGES = {
    stage.name: stage
    for stage in (
        Stage(name="sandbox", key_mode="test", log_retention_days=7, keeps_logs=False, requests_per_second=50),
        Stage(name="launch", key_mode="live", log_retention_days=90, keeps_logs=True, requests_per_second=500),
    )
}


def stage_named(name: str) -> Stage:
    """The stage of that name."""
    if name not in STAGES:
        raise SynthesisError(f"There is no stage {name!r}: choose one of {', '.join(STAGES)}, as in `--stage launch`.")
    return STAGES[name]
