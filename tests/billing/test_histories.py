"""Random histories: events that come twice, late, in disorder or never, while Stripe does not answer now and then.

HISTORIES=1000   as many; else 12
"""

import contextlib
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from freehold import clock
from freehold.billing.sync import Gateway
from freehold.ids import TenantId
from local.stripe_double.refusals import Refused
from local.stripe_double.service import StripeDouble
from tests.billing.desk import Desk
from tests.billing.shop import BAD, GOOD, Buyer, Obj, Shop
from tests.billing.test_orders import expected, same
from tests.billing.test_reconcile import reconcile
from tests.billing.wire import gateway

HISTORIES = int(os.environ.get("HISTORIES", "12"))
STEPS = 8
LOST, DOUBLED, KEPT_BACK, FAULTY = 0.15, 0.2, 0.3, 0.2
DEAF = 0.4
"""How many histories there are of whose end nothing is heard."""
READING = ("429", "500", "503", "connection_reset_after", "timeout_before")
WRITING = ("429", "500", "500_after", "connection_reset_after", "timeout_before", "timeout_after")


@dataclass
class History:
    """One tenant and its customer. `late` are events that were kept back."""

    desk: Desk
    shop: Shop
    chance: random.Random
    day: float = 0
    lost: int = 0
    late: list[Obj] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.buyer: Buyer = self.shop.customer()
        self.tenant: TenantId = self.desk.tenant(self.buyer.id, self.buyer.clock)

    def live(self) -> None:
        deaf_from = self.chance.randrange(STEPS) if self.chance.random() < DEAF else STEPS
        for step in range(STEPS):
            self.shop.events.clear()
            with contextlib.suppress(Refused):  # what cannot be done, or a card that says no
                self.happen()
            self.tell([each for each in self.shop.events if self.is_about(each)], is_lost=step >= deaf_from)
            self.look()
        self.tell_late()
        self.look()

    def happen(self) -> None:
        buyer = self.buyer
        choices: list[Callable[[], object]] = [
            lambda: buyer.subscribe(self.chance.choice(["pro", "scale"])),
            lambda: buyer.subscribe("pro", trial_period_days="5"),
            lambda: buyer.pay_with(GOOD),
            lambda: buyer.pay_with(BAD),
            self.pass_time,
            self.pass_time,
        ]
        if buyer.subscription:
            choices = [
                *choices[2:],
                self.pass_time,
                lambda: buyer.move(self.chance.choice(["pro", "scale"]), self.chance.choice(["month", "year"])),
                lambda: buyer.change(cancel_at_period_end=self.chance.choice(["true", "false"])),
                lambda: self.desk.member(self.tenant),
                lambda: self.shop.post(f"/v1/invoices/{buyer.latest_invoice()}/pay"),
                buyer.cancel if self.chance.random() < 0.3 else choices[0],
            ]
        self.chance.choice(choices)()

    def pass_time(self) -> None:
        self.day += self.chance.choice([0.5, 3, 8, 20, 32])
        self.buyer.go(self.day)

    def is_about(self, event: Obj) -> bool:
        about = event["data"]["object"]
        return self.buyer.id in (about.get("customer"), about["id"]) or about["id"] == self.buyer.clock

    def tell(self, events: list[Obj], *, is_lost: bool) -> None:
        """What is heard may come later, and twice; once nobody listens, also what was late is lost."""
        if is_lost or self.chance.random() < LOST:
            self.lost += 1
            self.late = [] if is_lost else self.late
            return
        for event in events:
            if self.chance.random() < KEPT_BACK:
                self.late.append(event)
            else:
                self.receive(event)

    def receive(self, event: Obj) -> None:
        about = event["data"]["object"]
        whom = about.get("customer") or about["id"]
        key = event["request"]["idempotency_key"]
        for _ in range(2 if self.chance.random() < DOUBLED else 1):
            self.desk.receive(whom, key=key, type_=event["type"], id_=event["id"])

    def tell_late(self) -> None:
        self.chance.shuffle(self.late)
        for event in self.late:
            self.receive(event)

    def look(self) -> None:
        """Jobs run until none is left, whatever Stripe answers meanwhile."""
        faults = self.shop.double.faults
        if self.chance.random() < FAULTY:
            faults.add("GET /v1/*", self.chance.choice(READING), times=self.chance.randint(1, 3))
        if self.chance.random() < FAULTY:
            faults.add("POST /v1/subscriptions/*", self.chance.choice(WRITING))
        while "again" in self.desk.run():
            self.desk.make_due(self.tenant)
        faults.clear()


def lived(desk: Desk, shop: Shop, number: int) -> History:
    history = History(desk, shop, random.Random(number))  # noqa: S311 (what happens is no secret)
    history.live()
    return history


def wrong(desk: Desk, histories: list[History]) -> list[int]:
    """Which of them do not have what Stripe holds."""
    found = []
    for number, history in enumerate(histories):
        seen = desk.stripe.fetch(history.buyer.id)
        if not same(desk, history.tenant, expected(seen)):
            found.append(number)
    return found


@pytest.fixture
def shop(stripe_double: StripeDouble) -> Shop:
    return Shop(stripe_double, start=clock.now())


@pytest.fixture
def desk(make_desk: Callable[[Gateway], Desk], stripe_double: StripeDouble) -> Desk:
    return make_desk(gateway(stripe_double, retries=1))


class TestRandomHistories:
    def test_end_with_what_stripe_holds(self, desk: Desk, shop: Shop):
        histories = [lived(desk, shop, number) for number in range(HISTORIES)]
        before = wrong(desk, histories)
        assert [number for number in before if not histories[number].lost] == [], "nothing was lost, and it is wrong"
        assert before, "control: where events are lost, a copy is wrong until it is compared"
        assert reconcile(desk).unhealed == 0
        assert wrong(desk, histories) == []
        assert reconcile(desk).drift == ()
