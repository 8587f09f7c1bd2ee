"""The addresses of invoices, their lines, their payments, and what waits to be invoiced."""

from typing import Any

from local.stripe_double import collection, invoices, lines, payment_methods
from local.stripe_double.expansion import EXTRAS
from local.stripe_double.listing import PAGING, embedded, page, within
from local.stripe_double.params import METADATA, Given, Need, merged
from local.stripe_double.refusals import invalid, missing
from local.stripe_double.routes import CREATED, Route, listing, retrieving
from local.stripe_double.store import Obj
from local.stripe_double.world import World

PATH = "/v1/invoices"


def pay(world: World, given: Given, wanted: str) -> Obj:
    """With the card that is named or the one that would be charged anyway; raises Refused where it declines."""
    invoice = world.store.get("invoice", wanted)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "void":
        raise invalid("This invoice can not be paid: it is void.", code="invoice_not_editable")
    if invoice["status"] == "draft":
        invoices.finalize(world, invoice)
    if given.get("paid_out_of_band") or not invoice["amount_due"]:
        collection.paid(world, invoice, out_of_band=bool(given.get("paid_out_of_band")))
        return world.render(invoice)
    named = given.get("payment_method")
    method = world.store.get("payment_method", named, param="payment_method") if named else None
    method = method or collection.method_of(world, invoice)
    if method is None:
        raise invalid(
            "There is no `default_payment_method` set on this Customer or Invoice. Please provide one.",
            param="payment_method",
            code="invoice_payment_intent_requires_action",
        )
    present = given.get("off_session") is False
    answer = collection.attempt(world, invoice, method, present=present, retry=False)
    if answer:
        intent = world.render(world.store.objects[invoice["_intent"]])
        raise payment_methods.refusal(answer, payment_intent=intent, charge=intent["latest_charge"])
    return world.render(invoice)


def _finalize(world: World, given: Given, wanted: str) -> Obj:
    invoice = _draft(world, wanted)
    if given.get("auto_advance") is not None:
        invoice["auto_advance"] = given["auto_advance"]
    invoices.finalize(world, invoice)
    if not invoice["amount_due"]:
        collection.paid(world, invoice)
    elif invoice["auto_advance"]:
        invoice["next_payment_attempt"] = world.now(invoice["customer"]) + world.settings.draft_seconds
        world.note(invoice)
    return world.render(invoice)


def _close(status: str, *, allowed: tuple[str, ...]) -> Any:  # noqa: ANN401 - an answer
    def close(world: World, _: Given, wanted: str) -> Obj:
        invoice = world.store.get("invoice", wanted)
        if invoice["status"] not in allowed:
            raise invalid(
                f"You can only pass in open invoices. This invoice isn't open: it is {invoice['status']}.",
                code="invoice_not_editable",
            )
        collection.close(world, invoice, status)
        return world.render(invoice)

    return close


def _update(world: World, given: Given, wanted: str) -> Obj:
    invoice = world.store.get("invoice", wanted)
    with world.changing(invoice):
        invoice.update({name: value for name, value in given.items() if name != "metadata"})
        if "metadata" in given:
            invoice["metadata"] = merged(invoice["metadata"], given["metadata"])
    return world.render(invoice)


def _create(world: World, given: Given) -> Obj:
    customer = world.customer(given["customer"], param="customer")
    now = world.now(customer["id"])
    waiting = [each for each in world.store.all("invoiceitem", customer["id"]) if each["invoice"] is None]
    taken = [] if given.get("pending_invoice_items_behavior") == "exclude" else waiting
    currency = given.get("currency") or customer["currency"] or "usd"
    fields = invoices.blank(world, customer) | {"auto_advance": bool(given.get("auto_advance"))}
    invoice = world.make(
        "invoice",
        "in",
        **fields,
        billing_reason="manual",
        currency=currency,
        parent=None,
        default_payment_method=None,
        discounts=[],
        period_start=now,
        period_end=now,
    )
    invoice["description"], invoice["metadata"] = given.get("description"), merged({}, given.get("metadata"))
    invoice["_lines"] = [lines.of_waiting(each) | {"invoice": invoice["id"]} for each in taken]
    for each in taken:
        each["invoice"] = invoice["id"]
    if invoice["auto_advance"]:
        invoice["automatically_finalizes_at"] = now + world.settings.draft_seconds
    invoices.total_up(world, invoice)
    world.announce("invoice.created", invoice)
    world.note(invoice)
    return world.render(invoice)


def _create_item(world: World, given: Given) -> Obj:
    customer = world.customer(given["customer"], param="customer")
    now = world.now(customer["id"])
    details = {"invoice_item": None, "proration": False, "proration_details": None,
               "subscription": given.get("subscription")}  # fmt: skip
    item = world.make(
        "invoiceitem",
        "ii",
        amount=given["amount"],
        currency=(given.get("currency") or customer["currency"] or "usd").lower(),
        customer=customer["id"],
        customer_account=None,
        date=now,
        description=given.get("description"),
        discountable=given.get("discountable", given["amount"] > 0),
        discounts=[],
        invoice=None,
        metadata=merged({}, given.get("metadata")),
        net_amount=given["amount"],
        parent=None,
        period=given.get("period") or {"start": now, "end": now},
        pricing=None,
        proration=False,
        proration_details=None,
        quantity=1,
        quantity_decimal="1",
        tax_rates=[],
        test_clock=customer["test_clock"],
        _subscription=given.get("subscription"),
    )
    item["_parent"] = {"invoice_item_details": details | {"invoice_item": item["id"]},
                       "subscription_item_details": None, "type": "invoice_item_details"}  # fmt: skip
    world.announce("invoiceitem.created", item)
    return world.render(item)


def _list(world: World, given: Given) -> Obj:
    found = [
        each
        for each in reversed(world.store.all("invoice", given.get("customer")))
        if given.get("status") in (None, each["status"])
        and given.get("collection_method") in (None, each["collection_method"])
        and given.get("subscription") in (None, _named(each))
        and within(each["created"], given.get("created"))
    ]
    return page(found, given, url=PATH, render=lambda each: invoices.fresh(world, each))


def _retrieve(world: World, _: Given, wanted: str) -> Obj:
    return invoices.fresh(world, world.store.get("invoice", wanted))


def _named(invoice: Obj) -> str | None:
    return invoice["parent"]["subscription_details"]["subscription"] if invoice["parent"] else None


def _lines(world: World, given: Given, wanted: str) -> Obj:
    found = invoices.open_lines(world.store.get("invoice", wanted))
    return page(found, given, url=f"{PATH}/{wanted}/lines", render=dict)


def _delete(world: World, _: Given, wanted: str) -> Obj:
    invoice = _draft(world, wanted)
    if invoices.subscription_of(world, invoice):
        raise invalid("You can't delete invoices created by subscriptions.", code="invoice_not_editable")
    world.announce("invoice.deleted", invoice)
    world.store.remove(wanted)
    return {"id": wanted, "object": "invoice", "deleted": True}


def _draft(world: World, wanted: str) -> Obj:
    invoice = world.store.get("invoice", wanted)
    if invoice["status"] != "draft":
        raise invalid(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.", code="invoice_not_editable"
        )
    return invoice


def _payments(world: World, given: Given) -> Obj:
    intent = (given.get("payment") or {}).get("payment_intent")
    found = [
        each
        for each in reversed(world.store.all("invoice_payment"))
        if given.get("invoice") in (None, each["invoice"])
        and given.get("status") in (None, each["status"])
        and intent in (None, each["payment"]["payment_intent"])
        and within(each["created"], given.get("created"))
    ]
    return page(found, given, url="/v1/invoice_payments", render=world.render)


def _paid_by(world: World, invoice: Obj) -> object:
    own = world.store.objects.get(world.store.objects[invoice["id"]].get("_payment") or "")
    return embedded([world.render(own)] if own else [], f"/v1/invoice_payments?invoice={invoice['id']}")


def _secret(world: World, invoice: Obj) -> object:
    intent = world.store.objects.get(world.store.objects[invoice["id"]].get("_intent") or "")
    return {"client_secret": intent["client_secret"], "type": "payment_intent"} if intent else None


def _balance_transactions(world: World, given: Given, customer: str) -> Obj:
    if customer not in world.store.objects:
        raise missing("customer", customer)
    found = list(reversed(world.store.all("customer_balance_transaction", customer)))
    return page(found, given, url=f"/v1/customers/{customer}/balance_transactions", render=world.render)


EXTRAS["invoice", "payments"] = _paid_by
EXTRAS["invoice", "confirmation_secret"] = _secret

ROUTES = [
    Route(
        "POST",
        PATH,
        _create,
        {
            "customer": Need(str),
            "auto_advance": bool,
            "currency": str,
            "description": str,
            "metadata": METADATA,
            "pending_invoice_items_behavior": str,
        },
    ),
    Route(
        "GET",
        PATH,
        _list,
        PAGING | {"customer": str, "status": str, "subscription": str, "collection_method": str, "created": CREATED},
    ),
    Route("GET", f"{PATH}/{{}}", _retrieve),
    Route("POST", f"{PATH}/{{}}", _update, {"auto_advance": bool, "description": str, "metadata": METADATA}),
    Route("DELETE", f"{PATH}/{{}}", _delete),
    Route("GET", f"{PATH}/{{}}/lines", _lines, PAGING),
    Route("POST", f"{PATH}/{{}}/finalize", _finalize, {"auto_advance": bool}),
    Route("POST", f"{PATH}/{{}}/pay", pay, {"payment_method": str, "off_session": bool, "paid_out_of_band": bool}),
    Route("POST", f"{PATH}/{{}}/void", _close("void", allowed=("open", "uncollectible"))),
    Route("POST", f"{PATH}/{{}}/mark_uncollectible", _close("uncollectible", allowed=("open",))),
    Route(
        "POST",
        "/v1/invoiceitems",
        _create_item,
        {
            "customer": Need(str),
            "amount": Need(int),
            "currency": str,
            "description": str,
            "discountable": bool,
            "metadata": METADATA,
            "period": {"start": Need(int), "end": Need(int)},
            "subscription": str,
        },
    ),
    listing("invoiceitem", "/v1/invoiceitems", customer=str, invoice=str),
    retrieving("invoiceitem", "/v1/invoiceitems"),
    Route(
        "GET",
        "/v1/invoice_payments",
        _payments,
        PAGING
        | {
            "invoice": str,
            "status": str,
            "payment": {"type": Need(str), "payment_intent": str},
            "created": CREATED,
        },
    ),
    retrieving("invoice_payment", "/v1/invoice_payments"),
    Route("GET", "/v1/customers/{}/balance_transactions", _balance_transactions, PAGING),
]
