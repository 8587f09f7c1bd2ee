"""What a list is asked for: filter, order, page, and which attributes."""

from collections.abc import Mapping

from pydantic import ValidationError
from scim2_models import InvalidValueException, ResponseParameters

from freehold.scim.columns import GROUP_FILTERS, GROUP_ORDERS, USER_FILTERS, USER_ORDERS
from freehold.scim.discovery import LARGEST_PAGE
from freehold.scim.filters import read_filter
from freehold.scim.models import Listing
from freehold.scim.resources import Group, User, invalid

FURTHEST = 10_000_000
LONGEST = 2000  # characters
SHORTEST_GROUPS = 20
"""Groups come with their members, so fewer of them make a page."""


def users_asked(query: Mapping[str, str]) -> Listing:
    """Which people. Raises InvalidFilterException, InvalidValueException."""
    return _listing(query, USER_FILTERS, frozenset(USER_ORDERS), LARGEST_PAGE)


def groups_asked(query: Mapping[str, str]) -> Listing:
    """Which groups. Raises InvalidFilterException, InvalidValueException."""
    without = "members" in query.get("excludedAttributes", "").replace(" ", "").split(",")
    most = LARGEST_PAGE if without else SHORTEST_GROUPS
    listing = _listing(query, GROUP_FILTERS, frozenset(GROUP_ORDERS), most)
    return listing.model_copy(update={"members": not without})


def parameters[R: (User, Group)](kind: type[R], query: Mapping[str, str]) -> ResponseParameters[R] | None:
    """Which attributes of them; None for the usual ones. Raises InvalidValueException."""
    asked = {name: query[name] for name in ("attributes", "excludedAttributes") if query.get(name)}
    if not asked:
        return None
    if any(len(names) > LONGEST for names in asked.values()):
        raise InvalidValueException(detail=f"At most {LONGEST} characters of attributes can be named.")
    try:
        return ResponseParameters[kind].model_validate(  # type: ignore[valid-type]  # the library makes the type at run time
            {name: [each.strip() for each in names.split(",")] for name, names in asked.items()}
        )
    except ValidationError as error:
        raise invalid(error) from error


def _listing(query: Mapping[str, str], filters: frozenset[str], orders: frozenset[str], most: int) -> Listing:
    start, count = _number(query, "startIndex", 1), _number(query, "count", most)
    text = query.get("filter")
    return Listing(
        condition=read_filter(text, filters) if text else None,
        sort_by=_order(query.get("sortBy"), orders),
        descending=query.get("sortOrder", "").lower() == "descending",
        offset=max(start, 1) - 1,
        limit=min(max(count, 0), most),
    )


def _number(query: Mapping[str, str], name: str, usual: int) -> int:
    text = query.get(name) or str(usual)
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit() or len(text) > len(str(FURTHEST)):
        raise InvalidValueException(detail=f"{name} is a whole number of at most {FURTHEST}.")
    return int(text)


def _order(named: str | None, orders: frozenset[str]) -> str:
    if not named:
        return "id"
    wanted = named.rpartition(":")[2].lower()
    if wanted not in orders:
        raise InvalidValueException(detail=f"There is no sorting by {named[:100]}, but by {', '.join(sorted(orders))}.")
    return wanted
