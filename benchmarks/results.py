"""The results of the last run, in a file that is committed; a run of some figures leaves the others as they were."""

import json
from collections.abc import Iterable
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.goals import GOALS
from local.project import ROOT

RESULTS = ROOT / "benchmarks" / "results.json"


def read(file: Path = RESULTS) -> list[Figure]:
    """What was measured, in the order of the goals."""
    return [Figure.model_validate(figure) for figure in json.loads(file.read_text())] if file.exists() else []


def remember(figures: Iterable[Figure], file: Path = RESULTS) -> list[Figure]:
    """All results, with these in the place of their earlier ones; figures that no longer exist go."""
    known = {figure.name: figure for figure in [*read(file), *figures]}
    kept = [known[goal.name] for goal in GOALS if goal.name in known]
    file.write_text(as_json(kept))
    return kept


def as_json(figures: Iterable[Figure]) -> str:
    """A list of objects."""
    return json.dumps([figure.as_json() for figure in figures], indent=2, ensure_ascii=False) + "\n"
