"""The account itself, its balance, its webhook endpoints, and the list of its events."""

from urllib.parse import urlsplit

from local.stripe_double.journal import API_VERSION
from local.stripe_double.listing import PAGING, page, within
from local.stripe_double.params import METADATA, Given, Need, merged
from local.stripe_double.refusals import invalid, missing
from local.stripe_double.routes import CREATED, Route, listing, retrieving
from local.stripe_double.store import Obj, new_id
from local.stripe_double.world import World

ENDPOINTS, EVENTS = "/v1/webhook_endpoints", "/v1/events"
ACCOUNT = "acct_double"


def _account(_: World, __: Given) -> Obj:
    return {
        "id": ACCOUNT,
        "object": "account",
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "owner@double.example",
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": "Double of Stripe", "timezone": "Etc/UTC"}},
        "type": "standard",
    }


def _balance(world: World, _: Given) -> Obj:
    kept = sum(each["amount_captured"] - each["amount_refunded"] for each in world.store.all("charge"))
    amount = {"amount": kept, "currency": "usd", "source_types": {"card": kept}}
    return {"object": "balance", "available": [amount], "livemode": False, "pending": [amount | {"amount": 0}]}


def _create_endpoint(world: World, given: Given) -> Obj:
    endpoint = world.make(
        "webhook_endpoint",
        "we",
        api_version=given.get("api_version") or API_VERSION,
        application=None,
        description=given.get("description"),
        enabled_events=given["enabled_events"],
        metadata=merged({}, given.get("metadata")),
        status="enabled",
        url=_address(given.get("url")),
        _secret=new_id("whsec"),
    )
    return world.render(endpoint) | {"secret": endpoint["_secret"]}


def _update_endpoint(world: World, given: Given, wanted: str) -> Obj:
    endpoint = world.store.get("webhook_endpoint", wanted)
    if "url" in given:
        _address(given["url"])
    if "disabled" in given:
        endpoint["status"] = "disabled" if given["disabled"] else "enabled"
    endpoint.update({name: value for name, value in given.items() if name in ("description", "enabled_events", "url")})
    if "metadata" in given:
        endpoint["metadata"] = merged(endpoint["metadata"], given["metadata"])
    return world.render(endpoint)


def _address(url: str | None) -> str:
    try:
        parts = urlsplit(url or "")
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise invalid(
            "Invalid URL: An explicit scheme (such as https) must be provided.", param="url", code="url_invalid"
        )
    return url or ""


def _delete_endpoint(world: World, _: Given, wanted: str) -> Obj:
    world.store.get("webhook_endpoint", wanted)
    world.store.remove(wanted)
    return {"id": wanted, "object": "webhook_endpoint", "deleted": True}


def read_event(world: World, _: Given, wanted: str) -> Obj:
    """One event as it was told."""
    event = world.journal.by_id.get(wanted)
    if event is None:
        raise missing("event", wanted)
    return _open(event)


def _list_events(world: World, given: Given) -> Obj:
    types = given.get("types") or ([given["type"]] if given.get("type") else [])
    found = [
        each
        for each in reversed(world.journal.events)
        if (not types or any(_fits(each["type"], wanted) for wanted in types))
        and within(each["created"], given.get("created"))
    ]
    return page(found, given, url=EVENTS, render=_open)


def _fits(what: str, wanted: str) -> bool:
    return what.startswith(wanted[:-1]) if wanted.endswith("*") else what == wanted


def _open(event: Obj) -> Obj:
    return {name: value for name, value in event.items() if not name.startswith("_")}


ROUTES = [
    Route("GET", "/v1/account", _account),
    Route("GET", "/v1/balance", _balance),
    Route(
        "POST",
        ENDPOINTS,
        _create_endpoint,
        {
            "url": str,
            "enabled_events": Need([str]),
            "api_version": str,
            "description": str,
            "metadata": METADATA,
        },
    ),
    listing("webhook_endpoint", ENDPOINTS, dated=False),
    retrieving("webhook_endpoint", ENDPOINTS),
    Route(
        "POST",
        f"{ENDPOINTS}/{{}}",
        _update_endpoint,
        {"url": str, "enabled_events": [str], "description": str, "disabled": bool, "metadata": METADATA},
    ),
    Route("DELETE", f"{ENDPOINTS}/{{}}", _delete_endpoint),
    Route(
        "GET",
        EVENTS,
        _list_events,
        PAGING | {"type": str, "types": [str], "created": CREATED, "delivery_success": bool},
    ),
    Route("GET", f"{EVENTS}/{{}}", read_event),
]
