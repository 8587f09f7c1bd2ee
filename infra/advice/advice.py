"""Measurements become advice: what to turn and what it adds a month, what is fine, what nobody measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.advice.measurements import Measurements
from infra.advice.thresholds import THRESHOLDS, Threshold, limit_of, values
from infra.stage import Stage

type Priced = Callable[[Stage], float]
"""What a stage costs a month whether or not anybody calls."""
type OfCell = Callable[[Stage], float]
"""What one more cell like the stage's costs a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one threshold says."""

    measured: str
    value: float
    limit: float
    unit: str
    why: str
    do: str
    """The field and its value, or what helps where no field does; or what to leave alone."""
    adds: float | None
    """A month; None where nothing is to be bought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """About one stage."""

    stage: str
    turn: tuple[Item, ...]
    leave: tuple[Item, ...]
    unmeasured: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "stage": self.stage,
            "turn": [_as_dict(item) for item in self.turn],
            "leave": [_as_dict(item) for item in self.leave],
            "unmeasured": list(self.unmeasured),
        }


def advise(stage: Stage, measured: Measurements, *, priced: Priced, cell: OfCell) -> Advice:
    """Each threshold once. Two that turn the same field to the same value are priced once, and both say why."""
    known = values(measured)
    prices: dict[str, float] = {}
    turn, leave, unmeasured = [], [], []
    for threshold in THRESHOLDS:
        value, limit = known[threshold.measured], limit_of(threshold, measured, stage)
        if value is None:
            unmeasured.append(threshold.measured)
        elif value > limit:
            turn.append(_exceeded(threshold, value, limit, stage, priced, cell, prices))
        else:
            leave.append(_item(threshold, value, limit, do=threshold.leave, adds=None))
    return Advice(stage=stage.name, turn=tuple(turn), leave=tuple(leave), unmeasured=tuple(unmeasured))


def _exceeded(  # noqa: PLR0913, PLR0917 (what is asked, of which stage, and how it is priced)
    threshold: Threshold,
    value: float,
    limit: float,
    stage: Stage,
    priced: Priced,
    cell: OfCell,
    prices: dict[str, float],
) -> Item:
    turned = threshold.turn(stage)
    if turned is None:
        adds = cell(stage) if threshold.measured == "largest_tenant_times" else None
        return _item(threshold, value, limit, do=threshold.instead, adds=adds)
    do = f"{turned.field} = {turned.value}"
    if do not in prices:
        prices[do] = priced(turned.stage) - priced(stage)
    return _item(threshold, value, limit, do=f"{do}   of {stage.name.upper()} in infra/stage.py", adds=prices[do])


def _item(threshold: Threshold, value: float, limit: float, *, do: str, adds: float | None) -> Item:
    return Item(
        measured=threshold.measured,
        value=value,
        limit=limit,
        unit=threshold.unit,
        why=threshold.why,
        do=do,
        adds=adds,
    )


def _as_dict(item: Item) -> dict[str, Any]:
    said = {name: getattr(item, name) for name in Item.__dataclass_fields__}
    return said | {"adds": None if item.adds is None else round(item.adds, 2)}


def text(advice: Advice) -> str:
    """As people read it."""
    lines = [f"freehold-{advice.stage}", "", "Turn:" if advice.turn else "Turn nothing."]
    for item in advice.turn:
        adds = "costs nothing" if item.adds is None else f"{item.adds:+,.2f} a month, whether or not anybody calls"
        lines.append(f"  {item.do}")
        lines.append(f"    {item.measured} is {item.value:g}, above {item.limit:g} {item.unit}: {item.why}")
        lines.append(f"    {adds}")
    if advice.leave:
        lines += ["", "Leave alone, and do not buy yet:"]
        lines += [
            f"  {item.do} ({item.measured} is {item.value:g} of {item.limit:g} {item.unit})" for item in advice.leave
        ]
    if advice.unmeasured:
        lines += ["", f"Not measured: {', '.join(advice.unmeasured)}"]
    return "\n".join(lines)
