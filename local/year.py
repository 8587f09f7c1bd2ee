"""The demonstration's part about money: a year and a half of one company, on a clock of Stripe's that is moved.

Each invoice is compared with what was worked out by hand, here beside it, to the cent. Plans and amounts are those of
layers/product/plans.toml.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import stripe

from local import aws, people
from local.cloud import Cloud
from local.story import Story

BILLING, INVOICES = "/v1/billing", "/v1/billing/invoices?limit=100"
IVY = "ivy@initech.test"
GOOD_CARD, CARD_THAT_WILL_FAIL = "4242424242424242", "4000000000000341"
CALLS = 150_000

BY_HAND = (
    # The trial, which costs nothing.
    0,
    # 15 January: a month of Pro.
    49_00,
    # 15 February: the next one, two seats beyond the three that are included, the same two for 21 of the 31 days before
    # (30.00 · 21/31 = 20.32), and 50,000 calls beyond 100,000, at a tenth of a cent each.
    49_00 + 30_00 + 20_32 + 50_00,
    # 1 March: half a month of Scale, less what was paid for half a month of Pro and of two seats. Scale includes ten.
    249_50 - 24_50 - 15_00,
    # 15 March: a month of Scale.
    499_00,
    # 15 April: the same, less 25 % by a promotion code that is good for once.
    374_25,
    # 15 May.
    499_00,
    # 15 June: the card fails; paid on the 23rd.
    499_00,
    # 15 July.
    499_00,
    # 1 August: a year of Scale, less 14 of the 31 days of the month that was paid for (499.00 · 14/31 = 225.35).
    4990_00 - 225_35,
    # 1 August 2028: it ends, with the calls of the year beyond 12 million: none.
    0,
)
"""Each invoice's total, in cents, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Initech:
    """The company, and the clock that its customer at Stripe hangs on."""

    story: Story
    cloud: Cloud
    token: str
    tenant: str
    clock: str
    stripe: stripe.StripeClient

    def advance(self, moment: str) -> None:
        """Stripe lives through everything up to then (ISO 8601, UTC)."""
        to = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        self.stripe.v1.test_helpers.test_clocks.advance(self.clock, {"frozen_time": int(to.timestamp())})

    def billing(self) -> dict[str, Any]:
        """What the product shows of it."""
        shown: dict[str, Any] = self.story.send("GET", BILLING, self.token).json()
        return shown

    def until(self, what: str, holds: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until the product has heard of it."""
        self.story.until(what, lambda: holds(self.billing()) or None)

    def totals(self) -> list[int]:
        """Of the invoices, the oldest first."""
        page = self.story.send("GET", INVOICES, self.token).json()
        return [invoice["total"]["amount"] for invoice in reversed(page.get("items", []))]

    def is_billed(self, what: str, count: int) -> None:
        """Wait for the invoice, and compare all there are with what they should be."""
        wanted = list(BY_HAND[:count])
        self.story.until(f"{what}: {wanted[-1] / 100:.2f} USD", lambda: self.totals() == wanted or None)

    def call(self, function: str) -> None:
        """What the clock calls every few minutes; nobody wants to wait for that here."""
        payload = json.dumps({"scheduled_at": datetime.now(UTC).isoformat()})
        client = aws.session().client("lambda", **aws.at(self.cloud.emulator.endpoint))
        name = f"freehold-{self.cloud.stage}-{function}"
        answer = client.invoke(FunctionName=name, Qualifier="live", Payload=payload)
        self.story.check(f"the clock calls {function}", "FunctionError" not in answer)

    def ask(self, what: str, path: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        """Something that is a job; how it ended."""
        job = self.story.expect(what, 202, "POST", f"{BILLING}/{path}", self.token, json=body)
        ended = self.story.until("… is done", lambda: self._ended(job.get("id", "")))
        self.story.check("… and succeeded", bool(ended and ended["state"] == "succeeded"))
        return ended or {}

    def _ended(self, job_id: str) -> dict[str, Any] | None:
        job: dict[str, Any] = self.story.send("GET", f"/v1/jobs/{job_id}", self.token).json()
        return job if job.get("state") in {"succeeded", "failed", "canceled"} else None


def tell(story: Story, cloud: Cloud) -> None:
    """The story, chapter by chapter."""
    initech = sign_up(story, cloud)
    subscribe(initech)
    grow(initech)
    upgrade(initech)
    save(initech)
    fail_to_pay(initech)
    go_yearly(initech)
    leave(initech)


def sign_up(story: Story, cloud: Cloud) -> Initech:
    """Stripe's customer is there first, so that it hangs on a clock; the product finds it by its metadata."""
    story.chapter("Initech tries the product, in January 2027 by Stripe's clock")
    token = cloud.issuer.token_for(IVY)
    made = story.expect("ivy signs up Initech", 201, "POST", "/v1/tenants", token, json={"name": "Initech"})
    shown = story.expect("it is on the free plan", 200, "GET", BILLING, token)
    story.check("… which costs nothing", shown.get("plan", {}).get("id") == "free")
    keys = cloud.stripe
    client = stripe.StripeClient(keys.secret_key, base_addresses={"api": keys.url})
    start = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())
    clock = client.v1.test_helpers.test_clocks.create({"frozen_time": start, "name": "Initech"})
    client.v1.customers.create({"test_clock": clock.id, "metadata": {"freehold_tenant": made.get("id", "")}})
    return Initech(story=story, cloud=cloud, token=token, tenant=made.get("id", ""), clock=clock.id, stripe=client)


def subscribe(initech: Initech) -> None:
    """By Stripe's page, with a trial; the mail that it ends comes three days before."""
    story = initech.story
    wanted = {"plan": "pro", "interval": "month"}
    page = story.expect("ivy asks for Pro", 200, "POST", f"{BILLING}/checkout", initech.token, json=wanted)
    story.check("… with a trial of 14 days", page.get("trial_days") == 14)  # noqa: PLR2004 (as plans.toml says)
    story.check("… and gives her card on Stripe's page", _submit(page.get("url", ""), GOOD_CARD, do="pay", email=IVY))
    initech.until("a webhook later, Initech is on Pro", lambda now: now["plan"]["id"] == "pro")
    again = {"json": wanted}
    story.expect("she cannot subscribe twice", 409, "POST", f"{BILLING}/checkout", initech.token, **again)
    initech.advance("2027-01-12T01:00")
    story.until("three days before its end, a mail tells her", lambda: _mailed(initech, "trial"))
    initech.advance("2027-01-15T02:00")
    initech.is_billed("the first invoice", 2)


def grow(initech: Initech) -> None:
    """Seats follow the members, and what is used is billed with the next month."""
    story = initech.story
    story.chapter("It grows: seats follow its people, calls are counted")
    initech.advance("2027-01-25T00:00")
    for name in ("milton", "samir", "michael", "peter"):
        people.joined(story, initech.cloud, initech.token, f"{name}@initech.test", "member")
    initech.until("five people, five seats", lambda now: now["seats"] == {"used": 5, "paid": 5})
    initech.advance("2027-02-10T00:00")
    event = {"id": "february", "meter": "api_calls", "quantity": CALLS, "time": "2027-02-09T12:00:00Z"}
    sent = [story.expect(f"{what} {CALLS:,} calls", 200, "POST", "/v1/usage/events", initech.token, json=[event])
            for what in ("its program reports", "… and, to be sure, once more the same")]  # fmt: skip
    story.check("… which counts once", [answer.get("accepted") for answer in sent] == [1, 0])
    initech.call("report_usage")
    story.until("Stripe hears of them", lambda: _reported(initech) == CALLS or None)
    initech.advance("2027-02-15T02:00")
    initech.is_billed("the second invoice", 3)


def upgrade(initech: Initech) -> None:
    """In the middle of a month, for exactly what was said before."""
    story = initech.story
    story.chapter("It upgrades in the middle of a month")
    initech.advance("2027-03-01T00:00")
    wish = {"json": {"plan": "scale"}}
    shown = story.expect("what would Scale cost now?", 200, "POST", f"{BILLING}/preview", initech.token, **wish)
    story.check("… 210.00 USD", shown.get("due_now", {}).get("total") == BY_HAND[3])
    initech.ask("ivy takes it", "change", preview=shown.get("id"))
    initech.is_billed("exactly that is charged", 4)
    initech.until("Initech is on Scale", lambda now: now["plan"]["id"] == "scale" and "sso" in now["features"])
    initech.advance("2027-03-15T02:00")
    initech.is_billed("the next month", 5)


def save(initech: Initech) -> None:
    """A promotion code that is good for once."""
    story = initech.story
    story.chapter("It has a promotion code")
    coupon = initech.stripe.v1.coupons.create({"percent_off": 25, "duration": "once", "name": "Spring"})
    initech.stripe.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING25"})
    initech.ask("ivy enters it", "change", promotion_code="SPRING25")
    initech.advance("2027-04-15T02:00")
    initech.is_billed("a quarter less", 6)
    initech.advance("2027-05-15T02:00")
    initech.is_billed("once", 7)
    story.check("… and no more", initech.billing()["discount"] is None)


def fail_to_pay(initech: Initech) -> None:
    """The ladder: told, restricted after a week, and back at once when it is paid. Nothing is lost."""
    story = initech.story
    story.chapter("Its card fails in June")
    story.check("ivy's bank sends her a new card", _put_card(initech, CARD_THAT_WILL_FAIL))
    project = {"json": {"name": "TPS reports"}}
    story.expect("Initech works", 201, "POST", "/v1/projects", initech.token, **project)
    initech.advance("2027-06-15T02:00")
    initech.until("the payment fails", lambda now: now["status"] == "past_due")
    story.until("a mail tells ivy", lambda: _mailed(initech, "payment"))
    story.expect("it goes on working", 201, "POST", "/v1/projects", initech.token, **project)
    initech.advance("2027-06-22T12:00")
    initech.until("after a week it is restricted", lambda now: now["access"] == "restricted")
    refused = story.expect("changing is refused", 402, "POST", "/v1/projects", initech.token, **project)
    story.check("… with where to pay", refused.get("billing") == f"{BILLING}/portal")
    listed = story.expect("reading works", 200, "GET", "/v1/projects", initech.token)
    story.check("… nothing is lost", len(listed.get("items", [])) == 2)  # noqa: PLR2004 (as many as were made)
    initech.advance("2027-06-23T00:00")
    story.check("ivy pays with another card", _pay(initech, GOOD_CARD))
    initech.until("it has full access again", lambda now: (now["access"], now["status"]) == ("full", "active"))
    story.expect("… at once", 201, "POST", "/v1/projects", initech.token, **project)
    initech.is_billed("and owes nothing more", 8)


def go_yearly(initech: Initech) -> None:
    """The month that is paid for is taken off."""
    story = initech.story
    story.chapter("It pays by the year")
    initech.advance("2027-07-15T02:00")
    initech.is_billed("July", 9)
    initech.advance("2027-08-01T00:00")
    wish = {"json": {"interval": "year"}}
    shown = story.expect("what would a year cost?", 200, "POST", f"{BILLING}/preview", initech.token, **wish)
    story.check("… 4,764.65 USD", shown.get("due_now", {}).get("total") == BY_HAND[9])
    initech.ask("ivy takes it", "change", preview=shown.get("id"))
    initech.is_billed("exactly that is charged", 10)
    initech.until("until next August", lambda now: str(now["current_period_end"]).startswith("2028-08-01"))


def leave(initech: Initech) -> None:
    """At the period's end; until then it can be taken back."""
    story = initech.story
    story.chapter("It leaves")
    initech.advance("2027-12-31T00:00")
    initech.ask("ivy cancels", "cancel", reason="too_complex")
    initech.until("it ends with the year that is paid", lambda now: str(now["cancel_at"]).startswith("2028-08-01"))
    initech.ask("she takes it back", "resume")
    initech.until("it goes on", lambda now: now["cancel_at"] is None)
    initech.ask("she cancels after all", "cancel")
    initech.advance("2028-08-01T02:00")
    initech.until("it is over", lambda now: now["status"] == "canceled" and now["plan"]["id"] == "free")
    initech.is_billed("its last invoice", 11)
    listed = story.expect("what it made is there", 200, "GET", "/v1/projects", initech.token)
    story.check("… all of it", len(listed.get("items", [])) == 3)  # noqa: PLR2004 (as many as were made)


def _submit(page: str, card: str, **more: str) -> bool:
    """Fill in the form on one of Stripe's pages, as a browser would; whether it leads on from there."""
    form = {"number": card, "expiry": "12 / 34", "cvc": "123", "name": "Ivy", **more}
    with httpx.Client(trust_env=False, timeout=30) as browser:
        return browser.post(page, data=form).status_code == httpx.codes.SEE_OTHER


def _put_card(initech: Initech, card: str) -> bool:
    """By the portal."""
    portal = initech.story.send("POST", f"{BILLING}/portal", initech.token, json={}).json()
    return _submit(f"{portal['url']}/card", card)


def _pay(initech: Initech, card: str) -> bool:
    """The open invoice, where the product says."""
    problem = initech.billing()["problem"] or {"link": ""}
    return _submit(problem["link"], card)


def _mailed(initech: Initech, about: str) -> bool | None:
    mails = (mail for mail in initech.cloud.mailbox.mails() if IVY in mail.to)
    return any(about in mail.subject.lower() for mail in mails) or None


def _reported(initech: Initech) -> float:
    """What Stripe has counted in February."""
    [meter] = [each for each in initech.stripe.v1.billing.meters.list() if each.event_name == "freehold_api_calls"]
    customer = next(iter(initech.stripe.v1.customers.list({"test_clock": initech.clock})))
    days = [int(datetime(2027, *day, tzinfo=UTC).timestamp()) for day in ((2, 1), (2, 11))]
    counted = initech.stripe.v1.billing.meters.event_summaries.list(
        meter.id, {"customer": customer.id, "start_time": days[0], "end_time": days[1]}
    )
    return sum(each.aggregated_value for each in counted)
