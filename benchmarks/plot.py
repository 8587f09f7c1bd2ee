"""The results as a picture: a bar for each ratio, on a scale where its goal is at the same place for all."""

from collections.abc import Iterable, Iterator
from html import escape

from benchmarks.figures import Figure
from benchmarks.table import goal_of, value
from local.project import ROOT

FILE = ROOT / "docs" / "performance.svg"
WIDTH, LABELS, GOAL_AT, TRACK, ROW, TOP, BAR = 980, 320, 640, 460, 30, 78, 14
"""Pixels. A bar ends at the goal's line when the figure just holds."""
_STYLE = """\
  <style>
    text { font-family: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
           font-size: 14px; fill: #1f2933; }
    .title { font-weight: 600; font-size: 16px; }
    .small { font-size: 12.5px; fill: #52606d; }
    .value { font-weight: 600; font-size: 13px; }
    .page { fill: #ffffff; }
    .track { fill: #eef1f5; }
    .holds { fill: #2b6cb0; }
    .short { fill: #c2410c; }
    .spread { stroke: #1f2933; stroke-width: 1.5; opacity: 0.55; }
    .goal { stroke: #b7791f; stroke-width: 2; stroke-dasharray: 4 3; }
    .goal-name { fill: #97641a; font-size: 12.5px; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e4e7eb; }
      .small { fill: #b0bac5; }
      .page { fill: #0d1117; }
      .track { fill: #1c232c; }
      .holds { fill: #63a4e0; }
      .short { fill: #f08a4b; }
      .spread { stroke: #e4e7eb; }
      .goal { stroke: #e0a83a; }
      .goal-name { fill: #e0a83a; }
    }
  </style>
"""


def render(figures: Iterable[Figure]) -> str:
    """The SVG."""
    shown = [figure for figure in figures if figure.ratio is not None]
    height = TOP + ROW * len(shown) + 44
    rows = "".join(line for number, figure in enumerate(shown) for line in _row(figure, TOP + ROW * number))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' aria-labelledby="title desc">\n'
        f'  <title id="title">What the design costs and saves</title>\n'
        f'  <desc id="desc">{escape(_in_words(shown))}</desc>\n'
        f"{_STYLE}"
        f'  <rect class="page" width="{WIDTH}" height="{height}" rx="8"/>\n'
        f'  <text class="title" x="24" y="36">Measured, against the goal</text>\n'
        f"{rows}"
        f'  <line class="goal" x1="{GOAL_AT}" y1="{TOP - 14}" x2="{GOAL_AT}" y2="{height - 38}"/>\n'
        f'  <text class="goal-name" x="{GOAL_AT}" y="{TOP - 22}" text-anchor="middle">goal</text>\n'
        f'  <text class="small" x="24" y="{height - 16}">Each is A against B, in turns, in one run on one machine.'
        " A bar that stays left of the line holds; thin lines: 95 % confidence.</text>\n"
        "</svg>\n"
    )


def _row(figure: Figure, top: int) -> Iterator[str]:
    middle = top + BAR / 2
    kind = "holds" if figure.holds else "short"
    yield f'  <text x="{LABELS - 16}" y="{middle + 5:g}" text-anchor="end">{escape(figure.name)}</text>\n'
    yield f'  <rect class="track" x="{LABELS}" y="{top}" width="{TRACK}" height="{BAR}" rx="3"/>\n'
    length = _length(figure, figure.value)
    yield f'  <rect class="{kind}" x="{LABELS}" y="{top}" width="{length:g}" height="{BAR}" rx="3"/>\n'
    if figure.low is not None and figure.high is not None:
        begin, end = sorted(LABELS + _length(figure, part) for part in (figure.low, figure.high))
        yield f'  <line class="spread" x1="{begin:g}" y1="{middle:g}" x2="{end:g}" y2="{middle:g}"/>\n'
    yield f'  <text class="value" x="{LABELS + TRACK + 20}" y="{middle + 5:g}">{value(figure)}</text>\n'
    yield f'  <text class="small" x="{WIDTH - 24}" y="{middle + 5:g}" text-anchor="end">{goal_of(figure)}</text>\n'


def _length(figure: Figure, part: float) -> float:
    """Where the goal is a floor, a larger figure is a shorter bar: left of the line is good for all."""
    share = part / figure.goal if figure.direction == "at most" else figure.goal / part
    return round(min(share * (GOAL_AT - LABELS), TRACK), 1)


def _in_words(figures: Iterable[Figure]) -> str:
    return "; ".join(f"{figure.name}: {value(figure)}, goal {goal_of(figure)}" for figure in figures)
