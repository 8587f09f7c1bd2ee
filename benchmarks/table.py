"""The results as a table: for the terminal, and for docs/performance.md."""

from collections.abc import Iterable

from benchmarks.figures import Figure
from benchmarks.goals import GOALS, Goal
from local.project import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- Written by `make bench`: from here -->", "<!-- to here -->"
_GOALS = {goal.name: goal for goal in GOALS}


def value(figure: Figure) -> str:
    """`1.30x`, or a count."""
    return f"{figure.ratio:.2f}x" if figure.ratio is not None else str(figure.count)


def goal_of(figure: Figure) -> str:
    """`≤ 1.40x`."""
    sign = "≤" if figure.direction == "at most" else "≥"
    return f"{sign} {figure.goal:.2f}x" if figure.ratio is not None else f"{sign} {figure.goal:.0f}"


def for_terminal(figures: Iterable[Figure]) -> str:
    """One line for each figure, and one for each fault that it counts."""
    return "".join(
        f"  {figure.name:<42}{value(figure):>8}  {_between(figure):>15}  {goal_of(figure):>9}  {_word(figure)}\n"
        + "".join(f"    {fault}\n" for fault in figure.found or ())
        for figure in figures
    )


def for_page(figures: Iterable[Figure]) -> str:
    """A table in Markdown."""
    rows = [
        f"| {figure.name} | {_against(_GOALS[figure.name])} | {value(figure)} | {_between(figure)} | {goal_of(figure)}"
        f" | {_word(figure)} |"
        for figure in figures
    ]
    head = ["| Figure | Against | Measured | 95 % within | Goal | |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def page_with(figures: Iterable[Figure], page: str) -> str:
    """The page with the table of these results in its place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{for_page(figures)}\n\n{END}{after}"


def _between(figure: Figure) -> str:
    return f"{figure.low:.2f} to {figure.high:.2f}" if figure.low is not None and figure.high is not None else ""


def _word(figure: Figure) -> str:
    return "holds" if figure.holds else "falls short"


def _against(goal: Goal) -> str:
    return goal.against
