"""The page of objectives: what is promised, by what that is measured, and where somebody is woken."""

from collections.abc import Iterator

from infra.slos import OBJECTIVES, WINDOW, Objective, where

PREFACE = f"""\
# Objectives

Of `infra/slos.py`, over {WINDOW.days} days each. [What they mean, and what to do when a budget is gone](../slos.md).

"""
_HEADING = ("Objective", "What is promised", "Share", "Within", "Measured by", "What rings", "At")


def page() -> str:
    """A row for each."""
    lines = [_HEADING, ("---",) * len(_HEADING), *(tuple(_row(each)) for each in OBJECTIVES)]
    return PREFACE + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(objective: Objective) -> Iterator[str]:
    yield f"`{objective.name}`"
    yield objective.promise
    yield f"{100 * objective.target:g} %"
    yield "" if objective.limit is None else f"{objective.limit:g} {objective.unit}"
    yield "; ".join(objective.measured_by)
    yield objective.alarms
    yield where(objective)
