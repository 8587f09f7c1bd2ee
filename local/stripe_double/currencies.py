"""A price in further currencies: what a subscription in one of them pays."""

from decimal import Decimal
from typing import Any

from local.stripe_double.params import Given, Need, read
from local.stripe_double.refusals import invalid
from local.stripe_double.rounding import decimal_text
from local.stripe_double.store import Obj

TIER: dict[str, Any] = {
    "up_to": Need(str),
    "unit_amount": int,
    "unit_amount_decimal": Decimal,
    "flat_amount": int,
    "flat_amount_decimal": Decimal,
}
_OPTION: dict[str, Any] = {"unit_amount": int, "unit_amount_decimal": Decimal, "tiers": [TIER], "tax_behavior": str}


def amounts(given: Given) -> Obj:
    """Unit amount and tiers, as a price and each of its further currencies has them."""
    tiers = [_tier(each) for each in given.get("tiers") or ()]
    unit = None if tiers else either(given, "unit_amount")
    return {
        "unit_amount": whole(unit),
        "unit_amount_decimal": None if unit is None else decimal_text(unit),
        "_tiers": tiers or None,
    }


def options(given: Given | None) -> dict[str, Obj]:
    """The further currencies by name."""
    found = {}
    for name, each in (given or {}).items():
        option = read(_OPTION, each, path=f"currency_options[{name}]")
        found[name.lower()] = amounts(option) | {"tax_behavior": option.get("tax_behavior") or "unspecified"}
    return found


def view(price: Obj, currency: str | None) -> Obj:
    """The price as it is in a currency; its own where none is named."""
    if currency in (None, price["currency"]):
        return price
    option: Obj | None = price["_options"].get(currency)
    if option is None:
        raise invalid(
            f"The price specified only supports `{price['currency']}`. This doesn't match the expected currency: "
            f"`{currency}`.",
            param="currency",
        )
    return price | option | {"currency": currency}


def shown(price: Obj) -> Obj:
    """All currencies of a price, its own among them."""
    own = {"tax_behavior": price["tax_behavior"]} | {
        name: price[name] for name in ("unit_amount", "unit_amount_decimal")
    }
    every = {price["currency"]: own | {"_tiers": price["_tiers"]}} | price["_options"]
    return {name: _open(each) for name, each in every.items()}


def either(given: Given, name: str) -> Decimal | None:
    """An amount that may be given whole or with parts of minor units."""
    value = given.get(f"{name}_decimal")
    value = given.get(name) if value is None else value
    return None if value is None else Decimal(value)


def whole(amount: Decimal | None) -> int | None:
    """None where there are parts of minor units."""
    return int(amount) if amount is not None and amount == amount.to_integral_value() else None


def _open(option: Obj) -> Obj:
    opened = {name: value for name, value in option.items() if name != "_tiers"} | {"custom_unit_amount": None}
    return opened | ({"tiers": option["_tiers"]} if option["_tiers"] else {})


def _tier(given: Given) -> Obj:
    unit, flat = either(given, "unit_amount"), either(given, "flat_amount")
    if unit is None and flat is None:
        raise invalid("Each tier must have a `unit_amount` or a `flat_amount`.", param="tiers")
    return {
        "flat_amount": whole(flat),
        "flat_amount_decimal": None if flat is None else decimal_text(flat),
        "unit_amount": whole(unit),
        "unit_amount_decimal": None if unit is None else decimal_text(unit),
        "up_to": None if given["up_to"] == "inf" else int(given["up_to"]),
    }
