"""Measure what the design costs and saves, write benchmarks/results.json and docs/performance.*, say what holds.

make bench                                          everything, in about five minutes
.venv/bin/freehold bench --only latency lists       some of it; the other results stay
.venv/bin/freehold bench --json                     the results on standard output
"""

import argparse
import os
import sys

from benchmarks import plot, results, table
from benchmarks.families import FAMILIES
from benchmarks.figures import Figure
from benchmarks.runner import Run, run
from local import errors
from local.watch import Watch


def main() -> None:
    """Exit with 0 where all that was measured holds, 1 where something falls short, 2 for bad arguments."""
    options = _parser().parse_args()
    if options.list:
        _list()
        return
    chosen = [family for family in FAMILIES if family.name in options.only or not options.only]
    done = run(chosen, Watch())
    _write(results.remember(done.figures))
    _report(done, as_json=options.json)
    sys.exit(0 if all(figure.holds for figure in done.figures) else 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="freehold bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [family.name for family in FAMILIES]
    parser.add_argument("--only", nargs="+", choices=names, default=[], metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--list", action="store_true", help="the names, with the goals of each")
    parser.add_argument("--json", action="store_true", help="print what was measured as JSON instead of a table")
    return parser


def _list() -> None:
    for family in FAMILIES:
        print(family.name)
        for goal in family.goals:
            print(f"  {goal.name}: {goal.direction} {goal.limit:g}{'' if goal.counts else 'x'} of {goal.against}")


def _write(all_results: list[Figure]) -> None:
    plot.FILE.write_text(plot.render(all_results))
    table.PAGE.write_text(table.page_with(all_results, table.PAGE.read_text()))


def _report(done: Run, *, as_json: bool) -> None:
    if as_json:
        print(results.as_json(done.figures), end="")
    out = sys.stderr if as_json else sys.stdout
    load = " ".join(f"{part:.1f}" for part in os.getloadavg())
    lines = "".join(f"  {name}: skipped, for {why}\n" for name, why in done.skipped.items())
    shown = "" if as_json else f"\n{table.for_terminal(done.figures)}"
    print(f"{shown}{lines}\n  load average {load} on {os.cpu_count()} processors\n\n{done.summary}", file=out)


if __name__ == "__main__":
    errors.run(main)
