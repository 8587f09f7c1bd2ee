"""The results of the last full run: a committed file, and the tables that docs/isolation.md shows of it."""

import json
from collections.abc import Iterable
from typing import Any

from local.project import ROOT
from proof.found import Found, Verdict

RESULTS = ROOT / "proof" / "results.json"
PAGE = ROOT / "docs" / "isolation.md"
BEGIN, END = "<!-- Written by `make prove`: from here -->", "<!-- to here -->"


def passed(found: Found) -> bool:
    """Whether nothing leaked, every probe could have found a leak, and every planted hole was found."""
    return not found.tally.leaks and not found.tally.unarmed and all(v.caught_by for v in found.verdicts)


def summary(found: Found) -> str:
    """The last line."""
    caught = sum(bool(verdict.caught_by) for verdict in found.verdicts)
    probes, leaks = found.tally.probes.total(), len(found.tally.leaks)
    unarmed = f", {len(found.tally.unarmed)} unarmed" if found.tally.unarmed else ""
    return f"prove: {probes} probes, {leaks} leaks{unarmed}, mutants {caught}/{len(found.verdicts)} killed"


def lines(found: Found) -> Iterable[str]:
    """What a person reads: counts, then whatever is wrong."""
    for name, number in found.tally.probes.items():
        yield f"  {name:<24}{number:>9,} probes"
    yield from (f"  {remark}" for remark in found.remarks)
    yield from (f"  SKIPPED  {why}" for why in found.skipped)
    yield from (f"  LEAK  {leak.check}\n        {leak.where}: {leak.says}" for leak in found.tally.leaks)
    yield from (f"  UNARMED  {probe}" for probe in found.tally.unarmed)
    yield from (f"  SURVIVED  {v.hole}: {v.says}" for v in found.verdicts if not v.caught_by)


def as_dict(found: Found) -> dict[str, Any]:
    """For a machine, and for the file."""
    return {
        "probes": dict(found.tally.probes),
        "leaks": [{"check": leak.check, "where": leak.where, "says": leak.says} for leak in found.tally.leaks],
        "unarmed": found.tally.unarmed,
        "remarks": found.remarks,
        "skipped": found.skipped,
        "mutants": [
            {"name": verdict.hole, "says": verdict.says, "caught_by": list(verdict.caught_by)}
            for verdict in sorted(found.verdicts, key=lambda verdict: verdict.hole)
        ],
    }


def remember(found: Found) -> None:
    """Write the file, and the page from it."""
    results = as_dict(found)
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    PAGE.write_text(page_with(results, PAGE.read_text()))


def page_with(results: dict[str, Any], page: str) -> str:
    """The page with the tables of these results in their place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{_tables(results)}\n{END}{after}"


def _tables(results: dict[str, Any]) -> str:
    probes = "".join(f"| {name} | {number:,} |\n" for name, number in results["probes"].items())
    remarks = "".join(f"- {remark}\n" for remark in results["remarks"])
    holes = "".join(
        f"| {mutant['says']} | {_first(mutant['caught_by'], 'gate: ')} | {_first(mutant['caught_by'], '')} |\n"
        for mutant in results["mutants"]
    )
    return (
        f"| Probes | Number |\n|---|---:|\n{probes}\n{remarks}\n"
        f"| Planted hole | The gate's rule that refuses it | The attack that finds it |\n|---|---|---|\n{holes}"
    )


def _first(caught_by: list[str], kind: str) -> str:
    """The first check of a kind, and how many more there are; the attacks are whatever is not the gate."""
    found = [check.removeprefix("gate: ") for check in caught_by if check.startswith("gate: ") == bool(kind)]
    return f"{found[0]}{f' (+{len(found) - 1})' if len(found) > 1 else ''}" if found else ""


def verdict_line(verdict: Verdict) -> str:
    """One planted hole."""
    return f"  {verdict.hole:<32}{', '.join(verdict.caught_by[:3]) or 'SURVIVED'}"
