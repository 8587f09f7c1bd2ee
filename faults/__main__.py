"""End each process at each named point, again and again, and see what is lost, doubled or stuck.

make faults                                every point, 50 runs each; about a quarter of an hour
freehold faults --only mark publish        points whose name begins so
freehold faults --runs 5 --seed 7          fewer runs, another disorder
freehold faults --json                     the results on standard output
"""

import argparse
import json
import sys
import time

from faults import report
from faults.points import Point, read_points
from faults.runner import run
from local import errors
from local.watch import Watch

RUNS = 50


def main() -> None:
    """Exit with 0 where nothing was lost, doubled or stuck, 1 where something was, 2 for bad arguments."""
    parser = _parser()
    options = parser.parse_args()
    everything = read_points()
    points = [point for point in everything if _is_chosen(point, options.only)]
    if not points:
        parser.error(f"no point begins with {' or '.join(options.only)}; --list names them all.")
    if options.list:
        print("".join(f"  {point.name:<24}{point.function:<18}{point.says}\n" for point in points), end="")
        return
    started, watch = time.monotonic(), Watch()
    with watch.step(f"{len(points)} points"):
        outcomes = run(points, runs=options.runs, seed=options.seed, progress=watch.at)
    if len(points) == len(everything) and options.runs >= RUNS and report.passed(outcomes):
        report.remember(outcomes, runs=options.runs)
    out = sys.stderr if options.json else sys.stdout
    if options.json:
        print(json.dumps(report.as_dict(outcomes, runs=options.runs), indent=2))
    for outcome in outcomes:
        print(report.line(outcome), file=out)
    print(f"\n{time.monotonic() - started:.0f} s\n{report.summary(outcomes, runs=options.runs)}", file=out)
    sys.exit(0 if report.passed(outcomes) else 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="freehold faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="points whose names begin so")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"how often each ({RUNS})")
    parser.add_argument("--seed", type=int, default=1, help="which disorder (1)")
    parser.add_argument("--list", action="store_true", help="the points, and what happens there")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    return parser


def _is_chosen(point: Point, names: list[str]) -> bool:
    return not names or any(point.name.startswith(name) for name in names)


if __name__ == "__main__":
    errors.run(main)
