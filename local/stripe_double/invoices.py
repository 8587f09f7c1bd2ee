"""Invoices: from a draft with lines to a number, totals, and what is due."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Any

from local.stripe_double import discounts, items, lines, payments
from local.stripe_double.discounting import taken
from local.stripe_double.listing import embedded
from local.stripe_double.prorations import Debit
from local.stripe_double.store import Obj
from local.stripe_double.world import World


def draft(world: World, subscription: Obj, *, reason: str, charged: Sequence[Obj], span: tuple[int, int]) -> Obj | None:
    """A draft with the given lines and all that waited for it; None where there is nothing to say.

    A renewal stays a draft for the hour that Stripe gives to look at it; usage that is told meanwhile counts.
    """
    waiting = pending(world, subscription)
    if not waiting and not charged:
        return None
    invoice = _empty(world, subscription, reason, span)
    invoice["_lines"] = [*(lines.of_waiting(each) for each in waiting), *charged]
    for each in waiting:
        each["invoice"] = invoice["id"]
    for line in invoice["_lines"]:
        line["invoice"] = invoice["id"]
    if reason == "subscription_cycle":
        invoice["automatically_finalizes_at"] = invoice["created"] + world.settings.draft_seconds
    total_up(world, invoice)
    _debit(world, invoice)
    discounts.settle(world, subscription, [each["discount"] for each in invoice["total_discount_amounts"]])
    world.announce("invoice.created", invoice)
    world.note(invoice)
    with world.changing(subscription):
        subscription["latest_invoice"] = invoice["id"]
    return invoice


def pending(world: World, subscription: Obj) -> list[Obj]:
    """Invoice items that wait for an invoice of this subscription, or of any."""
    found = world.store.all("invoiceitem", subscription["customer"])
    return [each for each in found if each["invoice"] is None and each["_subscription"] in (None, subscription["id"])]


def total_up(world: World, invoice: Obj) -> None:
    """Discounts by line, subtotal, total, and what the customer's balance leaves to pay."""
    _discount(world, invoice)
    off = sum(each["amount"] for each in invoice["total_discount_amounts"])
    invoice["subtotal"] = sum(line["amount"] for line in invoice["_lines"])
    invoice["total"] = invoice["subtotal"] - off
    invoice["subtotal_excluding_tax"], invoice["total_excluding_tax"] = invoice["subtotal"], invoice["total"]
    balance = world.store.objects[invoice["customer"]]["balance"]
    due, after = settled(world, invoice["total"], balance)
    invoice.update(starting_balance=balance, amount_due=due, amount_remaining=due, _balance_after=after)


def settled(world: World, total: int, balance: int) -> tuple[int, int]:
    """What is due now, and the balance afterwards: credit is used up first, and a charge too small to make waits."""
    due = total + balance
    if due <= 0 or due < world.settings.smallest_charge:
        return 0, due
    return due, 0


def _discount(world: World, invoice: Obj) -> None:
    open_lines = [line for line in invoice["_lines"] if line["discountable"]]
    facts = [
        (line["amount"], line["pricing"]["price_details"]["product"] if line["pricing"] else "") for line in open_lines
    ]
    parts = taken(discounts.coupons_of(world, invoice["discounts"]), facts)
    for at, line in enumerate(open_lines):
        line["discount_amounts"] = [
            {"amount": each[at], "discount": name} for name, each in zip(invoice["discounts"], parts, strict=True)
        ]
    amounts = [
        {"amount": sum(each), "discount": name}
        for name, each in zip(invoice["discounts"], parts, strict=True)
        if sum(each)
    ]
    invoice["total_discount_amounts"] = amounts


def _debit(world: World, invoice: Obj) -> None:
    """Items remember what was charged for them and where, so that it can be given back from there."""
    for line in invoice["_lines"]:
        waiting, wanted = line.get("_item"), (line["parent"] or {}).get("subscription_item_details")
        item = world.store.objects.get((wanted or {}).get("subscription_item") or "")
        if item is None or "_usage" in line:
            continue
        if waiting:
            item["_debits"] = [
                each | {"line": line["id"], "invoice": invoice["id"]} if each["line"] == waiting else each
                for each in item["_debits"]
            ]
            continue
        paid = line["amount"] - sum(each["amount"] for each in line["discount_amounts"])
        if paid:
            debit = Debit(
                amount=paid,
                start=line["period"]["start"],
                end=line["period"]["end"],
                quantity=item["quantity"],
                line=line["id"],
                invoice=invoice["id"],
            )
            items.keep_debits(item, [*items.debits(item), debit])


def finalize(world: World, invoice: Obj) -> None:
    """Counts usage for the last time, gives the number, moves the customer's balance, and prepares the payment."""
    subscription = subscription_of(world, invoice)
    with world.changing(invoice, "invoice.finalized"):
        if subscription:
            invoice["_lines"] = lines.recount(world, subscription, invoice["_lines"])
            for line in invoice["_lines"]:
                line["invoice"] = invoice["id"]
        total_up(world, invoice)
        now = world.now(invoice["customer"])
        invoice.update(_numbers(world, invoice), status="open", effective_at=now, automatically_finalizes_at=None)
        invoice["status_transitions"] = invoice["status_transitions"] | {"finalized_at": now}
        invoice["ending_balance"] = invoice["_balance_after"]
        _set_balance(world, invoice, invoice["ending_balance"])
        if invoice["amount_due"]:
            payments.prepare(world, invoice)


def _numbers(world: World, invoice: Obj) -> Obj:
    customer = world.store.objects[invoice["customer"]]
    customer["invoice_prefix"] = customer["invoice_prefix"] or customer["id"][-8:].upper()
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer["next_invoice_sequence"] += 1
    page = f"{world.settings.pages}/invoices/{invoice['id']}"
    return {"number": number, "hosted_invoice_url": page, "invoice_pdf": f"{page}/pdf"}


def revert(world: World, invoice: Obj) -> None:
    """A void invoice takes nothing from the balance, and what it charged for cannot be given back."""
    for each in world.store.all("subscription_item", invoice["customer"]):
        each["_debits"] = [debit for debit in each["_debits"] if debit["invoice"] != invoice["id"]]
    balance = world.store.objects[invoice["customer"]]["balance"]
    _set_balance(world, invoice, balance + invoice["starting_balance"] - (invoice["ending_balance"] or 0))


def _set_balance(world: World, invoice: Obj, after: int) -> None:
    customer = world.store.objects[invoice["customer"]]
    if after == customer["balance"]:
        return
    moved = world.make(
        "customer_balance_transaction",
        "cbtxn",
        amount=after - customer["balance"],
        customer=customer["id"],
        currency=invoice["currency"],
        description=None,
        ending_balance=after,
        invoice=invoice["id"],
        credit_note=None,
        checkout_session=None,
        metadata={},
        type="unapplied_from_invoice" if invoice["status"] == "void" else "applied_to_invoice",
    )
    with world.changing(customer):
        customer["balance"] = moved["ending_balance"]


def subscription_of(world: World, invoice: Obj) -> Obj | None:
    """Whose invoice it is; None for one of its own."""
    if not invoice["parent"]:
        return None
    return world.store.objects[invoice["parent"]["subscription_details"]["subscription"]]


def fresh(world: World, invoice: Obj) -> Obj:
    """As it is shown to whoever asks for it: its pages have another token each time, and the old ones go on working."""
    shown = world.render(invoice)
    pages = ("hosted_invoice_url", "invoice_pdf")
    return shown | {name: f"{shown[name]}?s={token_hex(4)}" for name in pages if shown[name]}


def shape(world: World, shown: Obj) -> Obj:
    """An invoice carries its lines."""
    found = open_lines(world.store.objects[shown["id"]])
    return shown | {"lines": embedded(found, f"/v1/invoices/{shown['id']}/lines")}


def open_lines(invoice: Obj) -> list[Obj]:
    """All the lines of an invoice, without notes."""
    return [{name: value for name, value in line.items() if name[0] != "_"} for line in invoice["_lines"]]


def _empty(world: World, subscription: Obj, reason: str, span: tuple[int, int]) -> Obj:
    parent = {
        "quote_details": None,
        "subscription_details": {"metadata": dict(subscription["metadata"]), "subscription": subscription["id"]},
        "type": "subscription_details",
    }
    customer = world.store.objects[subscription["customer"]]
    if customer["currency"] is None:
        customer["currency"] = subscription["currency"]
    return world.make(
        "invoice",
        "in",
        **blank(world, customer),
        billing_reason=reason,
        currency=subscription["currency"],
        default_payment_method=None,
        discounts=discounts.running(world, subscription),
        parent=parent,
        period_start=span[0],
        period_end=span[1],
    )


def blank(world: World, customer: Obj) -> dict[str, Any]:
    """What every invoice has, whatever it is for."""
    nothing = (
        "account_country account_name account_tax_ids application automatically_finalizes_at custom_fields "
        "customer_account customer_shipping default_source description due_date effective_at ending_balance footer "
        "from_invoice hosted_invoice_url invoice_pdf last_finalization_error latest_revision next_payment_attempt "
        "number on_behalf_of receipt_number rendering shipping_cost shipping_details statement_descriptor "
        "status_details threshold_reason webhooks_delivered_at"
    )
    zero = (
        "amount_due amount_overpaid amount_paid amount_paid_off_stripe amount_remaining amount_shipping attempt_count "
        "post_payment_credit_notes_amount pre_payment_credit_notes_amount starting_balance subtotal "
        "subtotal_excluding_tax total total_excluding_tax"
    )
    steps = dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at"))
    taxed = world.store.all("tax_id", customer["id"])
    return {
        **dict.fromkeys(nothing.split()),
        **dict.fromkeys(zero.split(), 0),
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "enabled": False,
            "disabled_reason": None,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "collection_method": "charge_automatically",
        "customer": customer["id"],
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [{"type": each["type"], "value": each["value"]} for each in taxed],
        "default_tax_rates": [],
        "issuer": {"type": "self"},
        "metadata": {},
        "payment_settings": {"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        "status": "draft",
        "status_transitions": steps,
        "test_clock": customer["test_clock"],
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "_lines": [],
        "_balance_after": 0,
    }
