"""The addresses of single subscription items: each change is one of the subscription."""

from typing import Any

from local.stripe_double import changes, items
from local.stripe_double.listing import PAGING, page
from local.stripe_double.params import METADATA, Given, Need
from local.stripe_double.routes import Route, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/subscription_items"
_HOW: dict[str, Any] = {"payment_behavior": str, "proration_behavior": str, "proration_date": int}
_WHAT: dict[str, Any] = {"price": str, "quantity": int, "metadata": METADATA}


def _create(world: World, given: Given) -> Obj:
    changed = changes.update(world, _how(given) | {"items": [_what(given)]}, given["subscription"])
    return dict(changed["items"]["data"][-1])


def _update(world: World, given: Given, wanted: str) -> Obj:
    item = world.store.get("subscription_item", wanted)
    changes.update(world, _how(given) | {"items": [_what(given) | {"id": wanted}]}, item["subscription"])
    return world.render(item)


def _delete(world: World, given: Given, wanted: str) -> Obj:
    item = world.store.get("subscription_item", wanted)
    changes.update(world, _how(given) | {"items": [{"id": wanted, "deleted": True}]}, item["subscription"])
    return {"id": wanted, "object": "subscription_item", "deleted": True}


def _list(world: World, given: Given) -> Obj:
    subscription = world.store.get("subscription", given["subscription"], param="subscription")
    return page(items.of(world, subscription), given, url=PATH, render=world.render)


def _how(given: Given) -> Given:
    return {name: given[name] for name in _HOW if name in given}


def _what(given: Given) -> Given:
    return {name: given[name] for name in _WHAT if name in given}


ROUTES = [
    Route("POST", PATH, _create, _HOW | _WHAT | {"subscription": Need(str), "price": Need(str)}),
    Route("GET", PATH, _list, PAGING | {"subscription": Need(str)}),
    retrieving("subscription_item", PATH),
    Route("POST", f"{PATH}/{{}}", _update, _HOW | _WHAT),
    Route("DELETE", f"{PATH}/{{}}", _delete, _HOW | {"clear_usage": bool}),
]
