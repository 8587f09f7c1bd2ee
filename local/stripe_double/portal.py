"""Billing portal: sessions and configurations, as data; the page itself is served elsewhere."""

from typing import Any

from local.stripe_double.params import FREE, METADATA, Given, Need, merged
from local.stripe_double.routes import Route, listing, retrieving
from local.stripe_double.store import Obj, new_id
from local.stripe_double.world import World

CONFIGURATIONS, SESSIONS = "/v1/billing_portal/configurations", "/v1/billing_portal/sessions"
_KIND = "billing_portal.configuration"
_FIELDS: dict[str, Any] = {
    "business_profile": FREE,
    "default_return_url": str,
    "features": FREE,
    "login_page": FREE,
    "metadata": METADATA,
    "name": str,
}


def create_session(world: World, given: Given) -> Obj:
    """Its address lets the customer in without a password."""
    customer = world.customer(given["customer"], param="customer")
    wanted = given.get("configuration")
    settings = world.store.get(_KIND, wanted, param="configuration") if wanted else _default(world)
    name = new_id("bps")
    session = world.make(
        "billing_portal.session",
        "bps",
        id=name,
        configuration=settings["id"],
        customer=customer["id"],
        customer_account=None,
        flow=given.get("flow_data"),
        locale=given.get("locale"),
        on_behalf_of=None,
        return_url=given.get("return_url") or settings["default_return_url"],
        url=f"{world.settings.pages}/p/session/{name}",
    )
    world.announce("billing_portal.session.created", session)
    return world.render(session)


def create(world: World, given: Given) -> Obj:
    """What customers may do on the page."""
    return world.render(_configuration(world, given, default=False))


def _default(world: World) -> Obj:
    own = [each for each in world.store.all(_KIND) if each["is_default"]]
    return own[0] if own else _configuration(world, {}, default=True)


def _configuration(world: World, given: Given, *, default: bool) -> Obj:
    blank = {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None}
    settings = world.make(
        _KIND,
        "bpc",
        active=True,
        application=None,
        business_profile=blank | (given.get("business_profile") or {}),
        default_return_url=given.get("default_return_url"),
        features=given.get("features") or {},
        is_default=default,
        login_page={"enabled": False, "url": None},
        metadata=merged({}, given.get("metadata")),
        name=given.get("name"),
    )
    settings["updated"] = settings["created"]
    world.announce("billing_portal.configuration.created", settings)
    return settings


def _update(world: World, given: Given, wanted: str) -> Obj:
    settings = world.store.get(_KIND, wanted)
    with world.changing(settings):
        settings.update({name: value for name, value in given.items() if name != "metadata"})
        if "metadata" in given:
            settings["metadata"] = merged(settings["metadata"], given["metadata"])
        settings["updated"] = world.now()
    return world.render(settings)


ROUTES = [
    Route(
        "POST",
        SESSIONS,
        create_session,
        {"customer": Need(str), "configuration": str, "flow_data": FREE, "locale": str, "return_url": str},
    ),
    Route("POST", CONFIGURATIONS, create, _FIELDS | {"features": Need(FREE)}),
    listing(_KIND, CONFIGURATIONS, dated=False, active=bool, is_default=bool),
    retrieving(_KIND, CONFIGURATIONS),
    Route("POST", f"{CONFIGURATIONS}/{{}}", _update, _FIELDS | {"active": bool}),
]
