"""What came of it: a line for each point, results.json, and the closing line."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from faults.runner import Outcome

RESULTS = Path(__file__).with_name("results.json")


def as_dict(outcomes: Sequence[Outcome], *, runs: int) -> dict[str, Any]:
    """For machines."""
    return {
        "points": {
            outcome.point.name: {
                "says": outcome.point.says,
                "function": outcome.point.function,
                "runs": outcome.runs,
                "killed": outcome.killed,
                "lost": outcome.damage.lost,
                "doubled": outcome.damage.doubled,
                "stuck": outcome.damage.stuck,
            }
            for outcome in outcomes
        },
        "runs": runs,
    }


def remember(outcomes: Sequence[Outcome], *, runs: int) -> None:
    """Write results.json."""
    RESULTS.write_text(json.dumps(as_dict(outcomes, runs=runs), indent=2) + "\n")


def passed(outcomes: Sequence[Outcome]) -> bool:
    """Whether nothing was lost, doubled or stuck, and every run ended a process where it should."""
    return all(
        outcome.killed == outcome.runs and not (outcome.damage.lost or outcome.damage.doubled or outcome.damage.stuck)
        for outcome in outcomes
    )


def line(outcome: Outcome) -> str:
    """One point."""
    damage = outcome.damage
    told = f"  {outcome.point.name:<24}{outcome.point.function:<18}{outcome.killed:>4} of {outcome.runs} killed"
    if damage.lost or damage.doubled or damage.stuck:
        told += f"  {damage.lost} lost, {damage.doubled} doubled, {damage.stuck} stuck: {'; '.join(damage.details[:3])}"
    return told


def summary(outcomes: Sequence[Outcome], *, runs: int) -> str:
    """The closing line; what is stuck past its lease is lost."""
    lost = sum(outcome.damage.lost + outcome.damage.stuck for outcome in outcomes)
    doubled = sum(outcome.damage.doubled for outcome in outcomes)
    return f"faults: {len(outcomes)} points x {runs} runs, {lost} lost, {doubled} doubled"
