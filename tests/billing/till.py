"""A till: a company's billing through the front door, on a real database, with the SDK against one Stripe account."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from freehold.database import database
from freehold.ids import TenantId
from freehold.jobs.handed import Handed
from freehold.jobs.models import JobId
from freehold.jobs.worker import perform
from functions.run_billing.kinds import KINDS
from local.companies import Company
from local.gateway import Answer
from tests.billing.account import StripeAccount

HOME = "https://app.example.test"
SIGNS = "whsec_of_the_tests"
HAND_OVER = """
    update app.jobs set state = 'queued', token = gen_random_uuid(), lease_until = now() + interval '1 minute',
           due_at = now()
     where tenant_id = %(tenant_id)s and kind = any(%(kinds)s) and state in ('waiting', 'scheduled')
    returning id, token
"""
BY_NAME = {kind.name: kind for kind in KINDS}

type Object = dict[str, Any]


def secret(account: StripeAccount) -> str:
    """What FREEHOLD_STRIPE says for this account."""
    return json.dumps({"secret_key": account.key, "webhook_secrets": [SIGNS], "api": account.api})


@dataclass
class Till:
    """What a company's owner does, and what Stripe holds of it then."""

    company: Company
    account: StripeAccount

    def customer(self, *, at: dt.datetime | None = None, card: str | None = "pm_card_visa") -> Object:
        """The company's customer, on a test clock of its own."""
        made = self.account.customer(at=at, card=card, metadata={"freehold_tenant": str(self.company.id)})
        self.company.execute(
            "select app.link_customer(%(customer)s, %(clock)s)", customer=made["id"], clock=made["test_clock"]
        )
        return made

    def post(self, what: str, **body: Any) -> Answer:
        return self.company.call("POST", f"/v1/billing/{what}", body=body)

    def checkout(self, **wanted: Any) -> Object:
        """The page, as the API answers, with its id."""
        answer = self.post("checkout", **{"plan": "pro", **wanted})
        assert answer.status == 200, answer
        [page] = [each for each in self.sessions() if each["url"] == answer.json["url"]]
        return {**answer.json, "id": page["id"]}

    def subscribe(self, *, card: str = "pm_card_visa", **wanted: Any) -> Object:
        """Through the page to the end; the subscription at Stripe."""
        before = {each["id"] for each in self.subscriptions()} if self.customers() else set()
        self.pay(self.checkout(**wanted), card=card)
        self.sync()
        [made] = [each for each in self.subscriptions() if each["id"] not in before]
        return made

    def pay(self, page: Object, *, card: str = "pm_card_visa", promotion_code: str | None = None) -> None:
        """What a person does on the page."""
        if self.account.double:
            self.account.double.engine.complete_checkout(page["id"], card=card, promotion_code=promotion_code)
        else:
            self.account.finish_checkout(page["id"], card=card, trial_days=page["trial_days"] or None)

    def sessions(self, **which: Any) -> list[Object]:
        listing = self.account.client.v1.checkout.sessions.list
        of = [{"customer": each["id"], "limit": 100, **which} for each in self.customers()]
        return [page.to_dict() for params in of for page in listing(params).data]

    def customers(self) -> list[Object]:
        query = f"metadata['freehold_tenant']:'{self.company.id}'"
        found = self.account.client.v1.customers.search({"query": query, "limit": 100}).data
        return [each.to_dict() for each in found]

    def subscription(self, name: str) -> Object:
        return self.account.client.v1.subscriptions.retrieve(name).to_dict()

    def subscriptions(self) -> list[Object]:
        [customer] = self.customers()
        found = self.account.client.v1.subscriptions.list({"customer": customer["id"], "status": "all"}).data
        return [each.to_dict() for each in found]

    def invoices(self) -> list[Object]:
        """At Stripe, newest first."""
        [customer] = self.customers()
        found = self.account.client.v1.invoices.list({"customer": customer["id"], "limit": 100}).data
        return [each.to_dict() for each in found]

    def code(self, **coupon: Any) -> str:
        """A promotion code for a coupon of its own."""
        client = self.account.client.v1
        promotion = {"type": "coupon", "coupon": client.coupons.create(coupon).id}
        return str(client.promotion_codes.create({"promotion": promotion}).code)

    def sync(self) -> None:
        """What the jobs of the machine do."""
        self.company.execute("select app.want_sync('tests')")
        self.perform("billing.sync")

    def perform(self, *kinds: str) -> list[str]:
        """One attempt at each job of these kinds that waits, or would later; what became of each."""
        handed = self.company.execute(HAND_OVER, kinds=list(kinds) or list(BY_NAME))
        return [self._attempt(job, token) for job, token in handed]

    def do(self, what: str, **wanted: Any) -> Object:
        """Ask for it, and have the job done; the job as the API shows it then."""
        answer = self.post(what, **wanted)
        assert answer.status == 202, answer
        self.perform(f"billing.{what}")
        return self.job(answer.json["id"])

    def job(self, name: str) -> Object:
        shown: Object = self.company.call("GET", f"/v1/jobs/{name}").json
        return shown

    @property
    def billing(self) -> Object:
        """As the API shows it."""
        shown: Object = self.company.call("GET", "/v1/billing").json
        return shown

    def _attempt(self, job: UUID, token: UUID) -> str:
        tenant = TenantId(self.company.id)
        handed = Handed(tenant_id=tenant, job_id=JobId(job), token=token, request_id="tests")
        return perform(BY_NAME, database("freehold_worker"), handed)
