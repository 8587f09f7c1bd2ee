"""Products: what is sold, apart from what it costs."""

from typing import Any

from local.stripe_double.listing import PAGING, page, within
from local.stripe_double.params import FREE, METADATA, Given, Need, merged
from local.stripe_double.refusals import invalid
from local.stripe_double.routes import CREATED, Route, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/products"
_FIELDS: dict[str, Any] = {
    "active": bool,
    "description": str,
    "images": [str],
    "marketing_features": [{"name": str}],
    "metadata": METADATA,
    "name": str,
    "package_dimensions": FREE,
    "shippable": bool,
    "statement_descriptor": str,
    "tax_code": str,
    "unit_label": str,
    "url": str,
}


def create(world: World, given: Given) -> Obj:
    """An id may be chosen; one that is taken is refused."""
    wanted = given.get("id")
    if wanted in world.store.objects:
        raise invalid("Product already exists.", param="id", code="resource_already_exists")
    fields = _blank() | {name: value for name, value in given.items() if name in _FIELDS}
    fields["metadata"] = merged({}, given.get("metadata"))
    product = world.make("product", "prod", id=wanted, **fields)
    product["updated"] = product["created"]
    world.announce("product.created", product)
    return world.render(product)


def update(world: World, given: Given, wanted: str) -> Obj:
    """Only what is given changes."""
    product = world.store.get("product", wanted)
    with world.changing(product):
        metadata = product["metadata"]
        product.update(given)
        product["metadata"] = merged(metadata, given["metadata"]) if "metadata" in given else metadata
        product["updated"] = world.now()
    return world.render(product)


def delete(world: World, _: Given, wanted: str) -> Obj:
    """Refused while it has prices."""
    product = world.store.get("product", wanted)
    if any(each["product"] == wanted for each in world.store.all("price")):
        raise invalid("This product cannot be deleted because it has one or more user-created prices.")
    world.announce("product.deleted", product)
    world.store.remove(wanted)
    return {"id": wanted, "object": "product", "deleted": True}


def _list(world: World, given: Given) -> Obj:
    found = [
        each
        for each in reversed(world.store.all("product"))
        if given.get("active") in (None, each["active"])
        and (not given.get("ids") or each["id"] in given["ids"])
        and within(each["created"], given.get("created"))
    ]
    return page(found, given, url=PATH, render=world.render)


def _blank() -> Obj:
    return {
        "active": True,
        "default_price": None,
        "description": None,
        "images": [],
        "marketing_features": [],
        "name": "",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "tax_details": None,
        "type": "service",
        "unit_label": None,
        "url": None,
    }


ROUTES = [
    Route("POST", PATH, create, _FIELDS | {"id": str, "name": Need(str)}),
    Route("GET", PATH, _list, PAGING | {"active": bool, "ids": [str], "created": CREATED}),
    retrieving("product", PATH),
    Route("POST", f"{PATH}/{{}}", update, _FIELDS | {"default_price": str}),
    Route("DELETE", f"{PATH}/{{}}", delete),
]
