"""Attack every table, function, role and route, plant holes that the attack has to find, and say what leaked.

make prove                                everything, with all processors; the results go into docs/isolation.md
freehold prove --quick                    what `make test` includes
freehold prove --only tables granted      some of it
freehold prove --holes policy_dropped     one planted hole, and what catches it
freehold prove --json                     the results on standard output
"""

import argparse
import json
import sys
import time
from collections.abc import Callable

from local import errors
from local.watch import Watch
from proof import report
from proof.database import planting
from proof.families import FAMILIES, Family, holes, holes_in_code
from proof.found import Found
from proof.http.planting import holes as holes_over_http
from proof.runner import run
from proof.workers.planting import holes as holes_in_workers


def main() -> None:
    """Exit with 0 where nothing leaked, 1 where something did or a planted hole survived, 2 for bad arguments."""
    options = _parser().parse_args()
    if options.list:
        print("".join(f"  {family.name:<10}{family.says}\n" for family in FAMILIES), end="")
        return
    if options.holes:
        found = _plant(options.holes)
    else:
        chosen = [family for family in FAMILIES if _is_chosen(family, options)]
        found = _prove(chosen, quick=options.quick)
        if len(chosen) == len(FAMILIES) and report.passed(found) and not found.skipped:
            report.remember(found)
    _tell(found, as_json=options.json)
    sys.exit(0 if report.passed(found) else 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="freehold prove", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [family.name for family in FAMILIES]
    parser.add_argument("--only", nargs="+", choices=names, default=[], metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--holes", nargs="+", choices=_names_of_holes(), default=[], metavar="NAME", help="only these")
    parser.add_argument("--quick", action="store_true", help="what the tests include, in half a minute")
    parser.add_argument("--list", action="store_true", help="the names, with what each of them does")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    return parser


def _names_of_holes() -> list[str]:
    of_code = [*(hole.name for hole in holes_over_http()), *(hole.name for hole in holes_in_workers())]
    return [*(hole.name for hole in planting.holes()), *of_code]


def _plant(names: list[str]) -> Found:
    """Some planted holes, one after the other."""
    watch, found = Watch(), Found()
    of_database = [hole.name for hole in planting.holes() if hole.name in names]
    of_code = [name for name in names if name not in of_database]
    for chosen, plant in ((of_database, holes), (of_code, holes_in_code)):
        if chosen:
            with watch.step(f"{len(chosen)} planted holes"):
                part = plant(watch.at, only=chosen)
            found.verdicts.extend(part.verdicts)
            found.tally.add(part.tally)
    return found


def _is_chosen(family: Family, options: argparse.Namespace) -> bool:
    if options.only:
        return family.name in options.only
    return family.quick is not None or not options.quick


def _prove(families: list[Family], *, quick: bool) -> Found:
    started = time.monotonic()
    watch = Watch()
    with watch.step(f"{len(families)} families of attacks"):
        found = run(families, _overall(watch, families), quick=quick)
    found.remarks.append(f"in {time.monotonic() - started:.0f} s")
    return found


def _overall(watch: Watch, families: list[Family]) -> Callable[[str, int, int], None]:
    """One bar for all of them."""
    shares = dict.fromkeys((family.name for family in families), 0.0)

    def progress(name: str, done: int, of: int) -> None:
        shares[name] = done / of if of else 1.0
        watch.at(round(1000 * sum(shares.values())), 1000 * len(shares))

    return progress


def _tell(found: Found, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report.as_dict(found), indent=2, ensure_ascii=False))
    out = sys.stderr if as_json else sys.stdout
    for verdict in found.verdicts:
        print(report.verdict_line(verdict), file=out)
    for line in report.lines(found):
        print(line, file=out)
    print(f"\n{report.summary(found)}", file=out)


if __name__ == "__main__":
    errors.run(main)
