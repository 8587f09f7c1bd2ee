"""An estimate as people read it: at a terminal, and in the documentation."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from infra.cost.lines import Estimate, Group, Line


def text(estimate: Estimate) -> str:
    """Lines by group, their sums, and what a tenant costs."""
    where = f"freehold-{estimate.stage} in {estimate.region}"
    parts = [f"{where}, {estimate.currency} a month, list prices of {estimate.read_on}:\n"]
    for group in ("fixed", "use"):
        lines = [line for line in estimate.of(group) if line.quantity]
        parts.append(f"\n{_heading(group, estimate)}\n")
        parts.extend(f"  {line.month:>10,.2f}  {line.name:<36}{_quantity(line)}{_why(line)}\n" for line in lines)
        parts.append(f"  {sum(line.month for line in lines):>10,.2f}  together\n")
    parts.append(f"\n  {estimate.month:>10,.2f}  a month\n  {estimate.each_tenant:>10,.2f}  a tenant")
    return "".join(parts)


def _heading(group: Group, estimate: Estimate) -> str:
    match group:
        case "fixed":
            return "Whether or not anybody calls"
        case "use":
            return f"Of {estimate.tenants:,} tenants with {estimate.requests:,} requests each"
        case _:
            assert_never(group)


def _quantity(line: Line) -> str:
    return f"{_number(line.quantity)} {line.unit} at {line.each:.10f}".rstrip("0").rstrip(".")


def _why(line: Line) -> str:
    return f" ({line.why})" if line.why else ""


def _number(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= _THOUSAND else f"{quantity:.3g}"


def page(estimate: Estimate) -> str:
    """One stage in Markdown, cents and less left out of the list but not out of the sums."""
    rows = [
        *(_row(line, "fixed") for line in estimate.of("fixed") if line.month >= _SHOWN),
        ["**whether or not anybody calls**", "", "", f"**{estimate.fixed:,.2f}**"],
        *(_row(line, "by use") for line in estimate.of("use") if line.month >= _SHOWN),
        ["**by use**", "", "", f"**{estimate.use:,.2f}**"],
        ["**a month**", "", "", f"**{estimate.month:,.2f}**"],
        ["a tenant", "", "", f"{estimate.each_tenant:,.2f}"],
    ]
    return markdown(["Line", "", "How much", f"{estimate.currency} a month"], rows)


_SHOWN = 0.05
_THOUSAND = 1000


def _row(line: Line, group: str) -> list[str]:
    return [line.name, group, f"{_number(line.quantity)} {line.unit}{_why(line)}", f"{line.month:,.2f}"]


def summary(estimates: Sequence[Estimate]) -> str:
    """The stages beside one another."""
    rows = [
        [
            f"`{each.stage}`",
            f"{each.tenants:,}",
            f"{each.requests:,}",
            f"${each.fixed:,.2f}",
            f"${each.use:,.2f}",
            f"${each.each_tenant:,.2f}",
        ]
        for each in estimates
    ]
    heading = ["Stage", "Tenants", "Requests of each", "Whether or not anybody calls", "By use", "A tenant, together"]
    return markdown(heading, rows)


def markdown(heading: list[str], rows: Iterable[list[str]]) -> str:
    """A table."""
    lines = (heading, ["---"] * len(heading), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
