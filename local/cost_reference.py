"""The tables of what it costs, in docs/cost.md and in the README: each stands between two marks in its page."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from infra.advice.measurements import Measurements
from infra.advice.thresholds import THRESHOLDS
from infra.cost import assumptions, database
from infra.cost.estimate import estimate
from infra.cost.lines import Charge, Estimate, priced
from infra.cost.prices import Prices, read_prices
from infra.cost.resources import rule_for
from infra.cost.table import markdown, page, summary
from infra.cost.template import Template, Templates, resources
from infra.cost.usage import USUAL
from infra.stage import LAUNCH, STAGES, Instance, Serverless
from local.errors import LocalError
from local.project import ROOT

PAGES = ("docs/cost.md", "README.md")


def blocks(templates: Mapping[str, Templates]) -> dict[str, str]:
    """Every table by the name of its mark; `templates` are those of every stage."""
    prices = read_prices()
    estimates = {name: estimate(templates[name], stage, USUAL[name], prices) for name, stage in STAGES.items()}
    return {
        "stages": _dated(prices) + summary([*estimates.values()]),
        **{f"stage {name}": page(each) for name, each in estimates.items()},
        "databases": _databases(prices, estimates["launch"]),
        "assumptions": _assumptions(),
        "thresholds": _thresholds(),
        "measurements": _measurements(),
    }


def rendered(written: str, said: Mapping[str, str]) -> str:
    """A page with each table that it has marks for. Raises LocalError for marks that nothing is known for."""
    for name in _marked(written):
        if name not in said:
            raise LocalError(f"No table is called {name!r}: there are {', '.join(said)}.")
        begin, end = f"<!-- cost: {name} -->\n", f"<!-- end of {name} -->"
        before, _, rest = written.partition(begin)
        _, closed, after = rest.partition(end)
        if not closed:
            raise LocalError(f"The table {name!r} has no end: write {end} below it.")
        written = f"{before}{begin}{said[name]}{end}{after}"
    return written


def pages(templates: Mapping[str, Templates]) -> dict[str, str]:
    """Each page as it should be, by its path."""
    said = blocks(templates)
    return {path: rendered((ROOT / path).read_text(), said) for path in PAGES}


def _marked(written: str) -> Iterator[str]:
    for line in written.splitlines():
        if line.startswith("<!-- cost: ") and line.endswith(" -->"):
            yield line.removeprefix("<!-- cost: ").removesuffix(" -->")


def _dated(prices: Prices) -> str:
    return (
        f"{prices.currency} a month in {prices.region}, list prices of {prices.read_on}, nothing free subtracted.\n\n"
    )


def _databases(prices: Prices, launch: Estimate) -> str:
    """What could stand in launch's place, and what its whole floor would then be."""
    now = _month(database.template_of(LAUNCH.cell), prices)
    rows = []
    for name, cell, engine, gigabytes, gives_up in _CHOICES:
        month = _month(database.template_of(cell, engine=engine, gigabytes=gigabytes), prices)
        rows.append([name, f"{month:,.2f}", f"{launch.fixed - now + month:,.2f}", gives_up])
    return markdown(["Database at launch", "It and its proxy", "Launch, fixed", "What it gives up, or buys"], rows)


_AURORA = "aurora-postgresql"
_HALF = Serverless(least=0.5, most=8)
_CHOICES = (
    ("**Aurora t4g.medium behind the proxy**", LAUNCH.cell, _AURORA, None, "What launch is."),
    (
        "Aurora t4g.medium, no proxy",
        replace(LAUNCH.cell, proxy=False),
        _AURORA,
        None,
        "Each running function holds a session of its own: about 400, and a burst beyond that is refused with 503.",
    ),
    (
        "Serverless from 0.5 ACU, no proxy",
        replace(LAUNCH.cell, compute=_HALF, proxy=False),
        _AURORA,
        None,
        "A quarter of the memory when quiet; sessions by the most ACU; bills more once it works.",
    ),
    (
        "Serverless from 0.5 ACU behind the proxy",
        replace(LAUNCH.cell, compute=_HALF),
        _AURORA,
        None,
        "The proxy bills at least 8 ACU of a serverless database, which is more than the database.",
    ),
    (
        "Aurora t4g.large behind the proxy",
        replace(LAUNCH.cell, compute=Instance(type="t4g.large")),
        _AURORA,
        None,
        "Twice the memory, the same two processors: for data that no longer fits into 4 GiB.",
    ),
    (
        "PostgreSQL t4g.small, 20 GB, behind the proxy",
        replace(LAUNCH.cell, compute=Instance(type="t4g.small")),
        "postgres",
        20,
        "Half the memory, one zone, a disk of fixed size; a zone that fails takes it along.",
    ),
)


def _month(template: Template, prices: Prices) -> float:
    charges: Iterator[Charge] = (
        charge for found in resources({"cell": template}) for charge in rule_for(found)(found, prices)
    )
    return math.fsum(line.month for line in priced("fixed", charges, prices))


def _assumptions() -> str:
    rows = ([f"`{name}`", f"{each.value:g} {each.unit}", each.source] for name, each in assumptions.ASSUMED.items())
    return markdown(["What", "How much", "Where from"], rows)


def _thresholds() -> str:
    rows = ([f"`{each.measured}`", f"{each.limit:g} {each.unit}", each.why, each.leave] for each in THRESHOLDS)
    return markdown(["Measured", "Above", "Why", "Below it, buy"], rows)


def _measurements() -> str:
    rows = ([f"`{name}`", field.description or ""] for name, field in Measurements.model_fields.items())
    return markdown(["Field", "What it is"], rows)
