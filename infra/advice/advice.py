"""Measurements become advice: what to turn and what it adds a month, what is fine, what nobody measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, assert_never

from infra.advice.measurements import Measurements
from infra.advice.thresholds import THRESHOLDS, Costs, Threshold, limit_of, values
from infra.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """What something costs a month, whether or not anybody calls."""

    stage: Callable[[Stage], float]
    """All of it."""
    cell: Callable[[Stage], float]
    """One more cell like the stage's."""
    relay: Callable[[Stage], float]
    """The stage's relay: as much again where its memory is doubled, because it stays as long as before."""


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
    """A month, whether or not anybody calls; None where it is not priced."""
    free: bool
    """Whether it costs nothing, by use neither."""


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


def advise(stage: Stage, measured: Measurements, pricing: Pricing) -> Advice:
    """Each threshold that concerns the stage, once."""
    known = values(measured)
    turn, leave, unmeasured = [], [], []
    for threshold in THRESHOLDS:
        value, limit = known[threshold.measured], limit_of(threshold, measured, stage)
        if not threshold.concerns(stage):
            continue
        if value is None:
            unmeasured.append(threshold.measured)
        elif value > limit:
            turn.append(_exceeded(threshold, value, limit, stage, pricing))
        else:
            leave.append(_item(threshold, value, limit, do=threshold.leave, adds=0, free=True))
    return Advice(stage=stage.name, turn=tuple(turn), leave=tuple(leave), unmeasured=tuple(unmeasured))


def _exceeded(threshold: Threshold, value: float, limit: float, stage: Stage, pricing: Pricing) -> Item:
    turned = threshold.turn(stage)
    if turned is None:
        adds, free = _instead(threshold.costs, stage, pricing), threshold.costs == "nothing"
        return _item(threshold, value, limit, do=threshold.instead, adds=adds, free=free)
    do = f"{turned.field} = {turned.value}   of {stage.name.upper()} in infra/stage.py"
    return _item(threshold, value, limit, do=do, adds=pricing.stage(turned.stage) - pricing.stage(stage), free=False)


def _instead(costs: Costs, stage: Stage, pricing: Pricing) -> float | None:
    match costs:
        case "nothing":
            return 0
        case "a cell":
            return pricing.cell(stage)
        case "the relay's memory":
            return pricing.relay(stage)
        case "not priced":
            return None
        case _:
            assert_never(costs)


def _item(  # noqa: PLR0913 (an item has this many parts)
    threshold: Threshold, value: float, limit: float, *, do: str, adds: float | None, free: bool
) -> Item:
    return Item(
        measured=threshold.measured,
        value=value,
        limit=limit,
        unit=threshold.unit,
        why=threshold.why,
        do=do,
        adds=adds,
        free=free,
    )


def _as_dict(item: Item) -> dict[str, Any]:
    said = {name: getattr(item, name) for name in Item.__dataclass_fields__}
    return said | {"adds": None if item.adds is None else round(item.adds, 2)}


def text(advice: Advice) -> str:
    """As people read it."""
    lines = [f"freehold-{advice.stage}", "", "Turn:" if advice.turn else "Turn nothing."]
    for item in advice.turn:
        lines.append(f"  {item.do}")
        lines.append(f"    {item.measured} is {item.value:g}, above {item.limit:g} {item.unit}: {item.why}")
        lines.append(f"    {_cost(item)}")
    if advice.leave:
        lines += ["", "Leave alone, and do not buy yet:"]
        lines += [
            f"  {item.do} ({item.measured} is {item.value:g} of {item.limit:g} {item.unit})" for item in advice.leave
        ]
    if advice.unmeasured:
        lines += ["", f"Not measured: {', '.join(advice.unmeasured)}"]
    return "\n".join(lines)


def _cost(item: Item) -> str:
    if item.free:
        return "costs nothing"
    if item.adds is None:
        return "not priced"
    if abs(item.adds) < _CENT:
        return "costs nothing as long as nobody uses it, and then what is used of it"
    return f"{item.adds:+,.2f} a month, whether or not anybody calls"


_CENT = 0.005
