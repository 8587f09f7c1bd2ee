"""Billing meters: what customers used, told event by event, counted by the moment at which it happened."""

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import Any

from local.stripe_double.listing import PAGING, page
from local.stripe_double.params import METADATA, Given, Need
from local.stripe_double.refusals import invalid, missing
from local.stripe_double.routes import Route, listing, retrieving
from local.stripe_double.store import Obj, new_id
from local.stripe_double.world import World

PATH = "/v1/billing/meters"
_KIND = "billing.meter"
_OLDEST, _AHEAD, _UNIQUE = 35 * 86400, 5 * 60, 24 * 3600
_WINDOWS = {"hour": 3600, "day": 86400}


def create(world: World, given: Given) -> Obj:
    """One active meter for an event name."""
    name = given["event_name"]
    if _active(world, name):
        raise invalid(
            f"An active meter with event_name `{name}` already exists.",
            param="event_name",
            code="resource_already_exists",
        )
    if given["default_aggregation"]["formula"] not in ("sum", "count", "last"):
        raise invalid(
            "Invalid default_aggregation[formula]: must be one of sum, count, or last",
            param="default_aggregation[formula]",
        )
    meter = world.make(
        _KIND,
        "mtr",
        customer_mapping=given.get("customer_mapping") or {"event_payload_key": "stripe_customer_id", "type": "by_id"},
        default_aggregation=given["default_aggregation"],
        display_name=given["display_name"],
        event_name=name,
        event_time_window=given.get("event_time_window"),
        status="active",
        status_transitions={"deactivated_at": None},
        value_settings=given.get("value_settings") or {"event_payload_key": "value"},
        _events=defaultdict(list),
        _told={},
    )
    meter["updated"] = meter["created"]
    world.announce("billing.meter.created", meter)
    return world.render(meter)


def report(world: World, given: Given) -> Obj:
    """One meter event, refused where Stripe refuses at once; Stripe tells of other faults afterwards, by an event."""
    meter = _active(world, given["event_name"])
    if meter is None:
        raise invalid(
            f"No active meter found for event name '{given['event_name']}'.", param="event_name", code="no_meter"
        )
    payload = {name: str(value) for name, value in (given["payload"] or {}).items()}
    customer, value = _customer(world, meter, payload), _value(meter, payload)
    now = world.now(customer)
    identifier, moment = given.get("identifier") or new_id("mevt"), _moment(given, now)
    _unique(meter, identifier, now)
    meter["_events"][customer].append(
        {"value": str(value), "at": moment, "received": now, "identifier": identifier, "canceled": False}
    )
    return {
        "object": "billing.meter_event",
        "created": now,
        "event_name": given["event_name"],
        "identifier": identifier,
        "livemode": False,
        "payload": payload,
        "timestamp": moment,
    }


def used(world: World, meter: str, customer: str, span: tuple[int, int]) -> Decimal:
    """What counts from a moment (included) to another (not), as far as it has been counted yet."""
    kept = world.store.objects[meter]
    counted_until = world.now(customer) - world.settings.meter_lag_seconds
    events = [
        each
        for each in kept["_events"].get(customer, ())
        if span[0] <= each["at"] < span[1] and each["received"] <= counted_until and not each["canceled"]
    ]
    return _aggregate(kept["default_aggregation"]["formula"], events)


def adjust(world: World, given: Given) -> Obj:
    """Take back an event of the last 24 hours."""
    meter = _active(world, given["event_name"])
    identifier = (given.get("cancel") or {}).get("identifier")
    found = [
        each
        for told in (meter["_events"].values() if meter else ())
        for each in told
        if each["identifier"] == identifier
    ]
    if not found:
        raise invalid(f"No meter event with identifier {identifier}.", param="cancel[identifier]")
    found[-1]["canceled"] = True
    return {
        "object": "billing.meter_event_adjustment",
        "cancel": {"identifier": identifier},
        "event_name": given["event_name"],
        "livemode": False,
        "status": "complete",
        "type": "cancel",
    }


def _aggregate(formula: str, events: list[Obj]) -> Decimal:
    if formula == "count":
        return Decimal(len(events))
    if formula == "last":
        return Decimal(max(events, key=lambda each: each["at"])["value"]) if events else Decimal(0)
    return sum((Decimal(each["value"]) for each in events), Decimal(0))


def _active(world: World, name: str) -> Obj | None:
    meters = world.store.all(_KIND)
    return next((each for each in meters if each["event_name"] == name and each["status"] == "active"), None)


def _customer(world: World, meter: Obj, payload: dict[str, str]) -> str:
    key = meter["customer_mapping"]["event_payload_key"]
    wanted = payload.get(key)
    if not wanted:
        raise invalid(f"The payload has no `{key}`.", param="payload", code="meter_event_no_customer_defined")
    customer = world.store.objects.get(wanted)
    if customer is None or customer["object"] != "customer" or customer.get("deleted"):
        raise missing("customer", wanted, param=f"payload[{key}]")
    return wanted


def _value(meter: Obj, payload: dict[str, str]) -> Decimal:
    key = meter["value_settings"]["event_payload_key"]
    if meter["default_aggregation"]["formula"] == "count":
        return Decimal(payload.get(key, "1"))
    try:
        value = Decimal(payload[key])
    except (KeyError, InvalidOperation) as wrong:
        raise invalid(
            f"The payload's `{key}` is not a number.", param="payload", code="meter_event_invalid_value"
        ) from wrong
    if value != value.to_integral_value():
        raise invalid(
            f"The payload's `{key}` is not a whole number.", param="payload", code="meter_event_invalid_value"
        )
    return value


def _moment(given: Given, now: int) -> int:
    moment = now if given.get("timestamp") is None else int(given["timestamp"])
    if moment < now - _OLDEST:
        raise invalid(
            "The timestamp must be within the past 35 calendar days.",
            param="timestamp",
            code="timestamp_too_far_in_past",
        )
    if moment > now + _AHEAD:
        raise invalid(
            "The timestamp must be within 5 minutes in the future.", param="timestamp", code="timestamp_in_future"
        )
    return moment


def _unique(meter: Obj, identifier: str, now: int) -> None:
    before = meter["_told"].get(identifier)
    if before is not None and before > now - _UNIQUE:
        raise invalid(
            f"An event already exists with identifier {identifier}.", param="identifier", code="duplicate_meter_event"
        )
    meter["_told"][identifier] = now


def _change(status: str, name: str) -> Any:  # noqa: ANN401 - an answer
    def change(world: World, _: Given, wanted: str) -> Obj:
        meter = world.store.get(_KIND, wanted)
        meter["status"] = status
        meter["status_transitions"] = {"deactivated_at": None if status == "active" else world.now()}
        world.announce(f"billing.meter.{name}", meter)
        return world.render(meter)

    return change


def _update(world: World, given: Given, wanted: str) -> Obj:
    meter = world.store.get(_KIND, wanted)
    with world.changing(meter):
        meter.update(given)
    return world.render(meter)


def _summaries(world: World, given: Given, wanted: str) -> Obj:
    meter = world.store.get(_KIND, wanted)
    window = _WINDOWS.get(given.get("value_grouping_window") or "")
    span = (given["start_time"], given["end_time"])
    for name, moment in (("start_time", span[0]), ("end_time", span[1])):
        if moment % (window or 60):
            raise invalid(f"{name} must align with the value grouping window, or with a minute.", param=name)
    starts = range(span[0], span[1], window or max(span[1] - span[0], 1))
    found = [
        _summary(world, meter, given["customer"], (start, start + window if window else span[1]))
        for start in reversed(starts)
    ]
    url = f"{PATH}/{wanted}/event_summaries"
    return page([each for each in found if each["aggregated_value"]], given, url=url, render=dict)


def _summary(world: World, meter: Obj, customer: str, span: tuple[int, int]) -> Obj:
    value = used(world, meter["id"], customer, span)
    return {
        "id": f"mtrusg_{meter['id'][4:]}_{span[0]}",
        "object": "billing.meter_event_summary",
        "aggregated_value": float(value),
        "end_time": span[1],
        "livemode": False,
        "meter": meter["id"],
        "start_time": span[0],
    }


ROUTES = [
    Route(
        "POST",
        PATH,
        create,
        {
            "customer_mapping": {"event_payload_key": Need(str), "type": Need(str)},
            "default_aggregation": Need({"formula": Need(str)}),
            "display_name": Need(str),
            "event_name": Need(str),
            "event_time_window": str,
            "value_settings": {"event_payload_key": Need(str)},
        },
    ),
    listing(_KIND, PATH, dated=False, status=str),
    retrieving(_KIND, PATH),
    Route("POST", f"{PATH}/{{}}", _update, {"display_name": str}),
    Route("POST", f"{PATH}/{{}}/deactivate", _change("inactive", "deactivated")),
    Route("POST", f"{PATH}/{{}}/reactivate", _change("active", "reactivated")),
    Route(
        "GET",
        f"{PATH}/{{}}/event_summaries",
        _summaries,
        PAGING | {"customer": Need(str), "start_time": Need(int), "end_time": Need(int), "value_grouping_window": str},
    ),
    Route(
        "POST",
        "/v1/billing/meter_events",
        report,
        {"event_name": Need(str), "payload": Need(METADATA), "identifier": str, "timestamp": int},
    ),
    Route(
        "POST",
        "/v1/billing/meter_event_adjustments",
        adjust,
        {"event_name": Need(str), "type": Need(str), "cancel": {"identifier": str}},
    ),
]
