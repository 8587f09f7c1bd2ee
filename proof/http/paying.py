"""The attack by way of Stripe: events that it has signed and that name somebody else, and requests that cost a call.

What is signed is believed. So each event is about a customer of the attacker's, or of nobody's, and names its victim
wherever one may be named. And what one tenant asks of Stripe must leave the others as much as they had.
"""

import hmac
import json
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from freehold.secrets import stripe_keys
from local.project import ROOT
from proof.http.answers import shortened
from proof.http.everybody import owner_of
from proof.http.expected import BY_SIGNATURE, GOOD
from proof.http.operations import Operation
from proof.http.principals import Tenant
from proof.http.probe import Prober, judge_output
from proof.http.routes import own
from proof.http.rows import NOBODY, changed

ASKING = ("POST /v1/billing/checkout", "POST /v1/billing/portal", "POST /v1/billing/preview")
"""Routes of which a tenant has only so many requests."""
EXAMPLE = ROOT / "events" / "stripe_webhook" / "receive.json"
CUSTOMER = "select customer_id from app.billing_syncs where tenant_id = %(tenant)s"

type Json = dict[str, Any]


def attack_paying(prober: Prober, operation: Operation) -> None:
    """What there is to try of one route. Raises NoValue."""
    if operation.route in BY_SIGNATURE:
        _attack_with_events(prober, operation)
    elif operation.route in ASKING:
        _attack_budget(prober, operation)


def _attack_with_events(prober: Prober, operation: Operation) -> None:
    customers = [_customer(prober, tenant) for tenant in (prober.world.a, prober.world.b)]
    if touched := _send(prober, operation, _event(customers[1])) - {prober.world.b.id}:
        prober.leaked(operation, "an event of B's customer", f"it changed rows of {_names(prober, touched)}")
    if prober.world.b.id not in _send(prober, operation, _event(customers[1])):
        prober.tally.unarmed.append(f"{operation.route}: an event of B's customer does nothing for B")
    for what, customer, may in (("B's customer", customers[1], {prober.world.b.id}), ("nobody's", "cus_nobody", set())):
        for how, event in _that_name(prober.world.a, customers[0], customer):
            if touched := _send(prober, operation, event) - may:
                where = f"an event of {what} that names A {how}"
                prober.leaked(operation, where, f"it changed rows of {_names(prober, touched)}")


def _that_name(victim: Tenant, theirs: str, customer: str) -> Iterator[tuple[str, Json]]:
    """Events of a customer, with a tenant or its customer in every other place."""
    for how, name in (("by its id", victim.id), ("by its reference", victim.ref), ("by its customer", theirs)):
        named = dict.fromkeys(("freehold_tenant", "tenant", "tenant_id", "customer"), name)
        object_ = {"id": name, "metadata": named, "client_reference_id": name, "customer_details": {"id": name}}
        yield f"{how} in what it is about", _event(customer, **object_, parent={"metadata": named})
        yield f"{how} beside that", _event(customer) | {"metadata": named, "related_object": {"id": name}} | named
        former = _event(customer)
        former["data"]["previous_attributes"] = {"customer": name, "metadata": named}
        yield f"{how} in what was before", former
    asked = _event(customer)
    asked["request"] = {"id": "req_proof", "idempotency_key": f"fh-{victim.id}-{uuid4()}"}
    yield "in what has caused it", asked


def _attack_budget(prober: Prober, operation: Operation) -> None:
    """A has asked as much as it may, and is refused; B is not."""
    a, b = (owner_of(tenant) for tenant in (prober.world.a, prober.world.b))
    mine, theirs = own(prober, operation, b, fresh=True), own(prober, operation, a, fresh=True)
    prober.world.let_ask(prober.world.b)
    prober.world.have_asked(prober.world.a)
    refused = prober.send(a, theirs).answer
    if refused.status != HTTPStatus.TOO_MANY_REQUESTS:
        prober.tally.unarmed.append(f"{operation.route}: whoever asks too often is answered {refused.status}")
    answer = prober.try_it(b, mine, "while A has asked too often").answer
    prober.world.let_ask(prober.world.a)
    if answer.status not in GOOD:
        where = "owner of B, while A has asked too often"
        prober.leaked(operation, where, f"was answered {answer.status}: {shortened(answer.body)}")


def _customer(prober: Prober, tenant: Tenant) -> str:
    prober.world.bill(tenant)
    [(customer,)] = prober.world.rows.ask(CUSTOMER, tenant=tenant.id)
    return str(customer)


def _event(customer: str, **named: object) -> Json:
    """As in the example, of this moment."""
    event: Json = json.loads(json.loads(EXAMPLE.read_text())["body"])
    about = {**event["data"]["object"], **named, "customer": customer}
    return {**event, "id": f"evt_{uuid4().hex}", "created": int(time.time()), "data": {"object": about}}


def _send(prober: Prober, operation: Operation, event: Json) -> set[str]:
    """The tenants whose rows are others afterwards."""
    world, raw, moment = prober.world, json.dumps(event).encode(), str(int(time.time()))
    signature = hmac.digest(stripe_keys().webhook_secrets[0].encode(), moment.encode() + b"." + raw, "sha256").hex()
    before = world.fingerprints()
    prober.tally.probed(prober.family)
    headers = {"stripe-signature": f"t={moment},v1={signature}"}
    heard = world.call(operation.method, operation.path, raw=raw, headers=headers)
    for said in judge_output(heard, (tenant.mark for tenant in world.tenants)):
        prober.leaked(operation, "an event of Stripe's", said)
    return changed(before, world.fingerprints()) - {NOBODY}


def _names(prober: Prober, tenants: set[str]) -> str:
    return ", ".join(sorted(tenant.mark for tenant in prober.world.tenants if tenant.id in tenants))
