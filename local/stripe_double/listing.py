"""Pages of lists, newest first, as every list of Stripe's is read."""

from collections.abc import Callable, Sequence
from typing import Any

from local.stripe_double.params import Given
from local.stripe_double.refusals import invalid, missing
from local.stripe_double.store import Obj

PAGING: dict[str, Any] = {"limit": int, "starting_after": str, "ending_before": str}
_MOST, _EMBEDDED = 100, 10


def page(found: Sequence[Obj], given: Given, *, url: str, render: Callable[[Obj], Obj]) -> Obj:
    """One page of objects that are given newest first."""
    limit = 10 if given.get("limit") is None else given["limit"]
    if not 1 <= limit <= _MOST:
        raise invalid(f"Limit must be between 1 and {_MOST}.", param="limit")
    shown, more = _cut(found, given, limit)
    return {"object": "list", "data": [render(each) for each in shown], "has_more": more, "url": url}


def embedded(found: Sequence[Obj], url: str) -> Obj:
    """A list inside another object: its first ten; the rest is read at its own address."""
    return {"object": "list", "data": list(found[:_EMBEDDED]), "has_more": len(found) > _EMBEDDED, "url": url}


def _cut(found: Sequence[Obj], given: Given, limit: int) -> tuple[Sequence[Obj], bool]:
    if after := given.get("starting_after"):
        rest = found[_place(found, after, "starting_after") + 1 :]
        return rest[:limit], len(rest) > limit
    if before := given.get("ending_before"):
        rest = found[: _place(found, before, "ending_before")]
        return rest[-limit:], len(rest) > limit
    return found[:limit], len(found) > limit


def _place(found: Sequence[Obj], wanted: str, param: str) -> int:
    for at, each in enumerate(found):
        if each["id"] == wanted:
            return at
    raise missing("object", wanted, param=param)


def within(moment: int, bounds: object) -> bool:
    """Whether a moment lies in what `created[gte]` and its like say; a plain number means that second."""
    if bounds is None:
        return True
    if not isinstance(bounds, dict):
        return moment == bounds
    tests: dict[str, Callable[[int, int], bool]] = {
        "gt": int.__gt__,
        "gte": int.__ge__,
        "lt": int.__lt__,
        "lte": int.__le__,
    }
    return all(tests[name](moment, bound) for name, bound in bounds.items() if bound is not None)
