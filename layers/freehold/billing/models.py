"""Billing as customers see it: what is sold, what they have, what a change costs, and their invoices."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from freehold.billing.prices import Interval
from freehold.fields import Input, Timestamp
from freehold.permissions import Access

MOST_ADD_ONS, MOST_SEATS = 20, 100_000

type Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), Field(examples=["support"])]
type Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$"), Field(examples=["SPRING"])]
type PageAddress = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
type Feedback = Literal[
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
]
type Effective = Literal["now", "period_end"]


class Shown(BaseModel):
    """What an answer is made of."""

    model_config = ConfigDict(frozen=True)


class Money(Shown):
    """An amount in the currency's smallest unit."""

    amount: int = Field(examples=[4900])
    currency: str = Field(examples=["usd"])


class NewCheckout(Input):
    """What to subscribe to. Seats are the active members, unless it says more."""

    plan: Key = Field(examples=["scale"])
    interval: Interval = "month"
    add_ons: Annotated[tuple[Key, ...], Field(max_length=MOST_ADD_ONS)] = ()
    promotion_code: Code | None = Field(None, description="Without one, Stripe's page asks whether there is one")
    seats: Annotated[int, Field(ge=1, le=MOST_SEATS)] | None = None
    success_url: PageAddress | None = Field(None, description="A page of the product's own", examples=["/billing"])
    cancel_url: PageAddress | None = Field(None, description="A page of the product's own", examples=["/billing"])


class NewPortal(Input):
    """Where the way back from Stripe's pages leads."""

    return_url: PageAddress | None = Field(None, description="A page of the product's own", examples=["/billing"])


class Wish(Input):
    """What the subscription is to be; what is left out stays as it is."""

    plan: Key | None = Field(None, examples=["scale"])
    interval: Interval | None = None
    add_ons: Annotated[tuple[Key, ...], Field(max_length=MOST_ADD_ONS)] | None = None
    seats: Annotated[int, Field(ge=1, le=MOST_SEATS)] | None = None
    promotion_code: Code | None = None
    remove_discount: bool = False

    @model_validator(mode="after")
    def _one_discount(self) -> Self:
        if self.remove_discount and self.promotion_code:
            raise ValueError("either a promotion code or none")
        return self

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return self == type(self)()


class WantedChange(Wish):
    """A change. With the id of a preview of the last hour, exactly that one at exactly its price."""

    preview: str | None = Field(
        None,
        pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        examples=["0199d0c8-0000-7000-8000-000000000000"],
    )

    @property
    def wish(self) -> Wish:
        """Without the preview."""
        return Wish(**self.model_dump(exclude={"preview"}))

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.preview is None and self.wish.is_empty:
            raise ValueError("name what to change, or the preview of it")
        return self


class Cancellation(Input):
    """When it ends, and why."""

    at_period_end: Annotated[bool, Field(description="False ends it now, and refunds nothing")] = True
    reason: Feedback | None = None
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] | None = None


class Nothing(Input):
    """No more has to be said."""


class Checkout(Shown):
    """Stripe's page where it is paid."""

    url: str
    expires_at: Timestamp
    trial_days: int = Field(description="0 where it is paid from the first day on")


class Portal(Shown):
    """Stripe's pages, where cards, addresses and invoices are; whoever has the address is let in for some minutes."""

    url: str


class Line(Shown):
    """One line of an invoice."""

    description: str
    amount: int
    currency: str
    quantity: int | None
    proration: bool = Field(description="Whether it is for a part of a period")
    period_start: Timestamp
    period_end: Timestamp


class Bill(Shown):
    """What an invoice comes to, in the smallest unit of the currency."""

    currency: str
    subtotal: int
    discount: int
    tax: int
    total: int
    amount_due: int = Field(description="What is charged: the total less what the tenant has to its credit")
    lines: tuple[Line, ...]


class Preview(Shown):
    """Exactly what a change costs, for as long as it can be asked for by its id."""

    id: UUID
    effective: Effective
    effective_at: Timestamp
    due_now: Bill
    at_renewal: Bill
    renews_at: Timestamp | None
    valid_until: Timestamp


class Tier(Shown):
    """Units up to and including `up_to` cost so much each; null stands for all that are left."""

    up_to: int | None
    amount_decimal: str = Field(description="In the currency's smallest unit", examples=["0.1"])


class PartShown(Shown):
    """What one part of a plan costs."""

    component: str = Field(examples=["base", "seat", "usage:api_calls"])
    currency: str
    amount: int | None = Field(description="Per unit, in the currency's smallest unit; null where it goes by tiers")
    tiers: tuple[Tier, ...]


class PlanShown(Shown):
    """A plan that is sold, or that the tenant has."""

    id: str
    name: str
    description: str
    features: tuple[str, ...]
    limits: dict[str, int | None]
    trial_days: int
    prices: dict[Interval, tuple[PartShown, ...]]
    current: bool = Field(description="Whether it counts for the tenant: agreed, given or paid for")


class AddOnShown(Shown):
    """What can be bought beside a plan."""

    id: str
    name: str
    description: str
    plans: tuple[str, ...]
    prices: dict[Interval, PartShown]


class Offer(Shown):
    """Everything that is sold, the least plan first."""

    items: tuple[PlanShown, ...]
    add_ons: tuple[AddOnShown, ...]


class Seats(Shown):
    """How many members there are, and how many are paid for."""

    used: int
    paid: int | None = Field(description="null where the plan does not go by seats")


class Trouble(Shown):
    """What is wrong with the bill, and where it is put right. Decide by `code`."""

    code: str = Field(examples=["payment_failed"])
    detail: str
    link: str | None = Field(description="Stripe's page of the invoice")


class LastRequest(Shown):
    """What was asked for last, and what came of it: as its job says, for whoever may see no jobs."""

    what: Literal["change", "cancel", "resume"]
    state: Literal["begun", "done", "failed"]
    result: dict[str, Any] | None
    created_at: Timestamp
    finished_at: Timestamp | None


class PlanName(Shown):
    """Which plan."""

    id: str
    name: str


class Billing(Shown):
    """What the tenant has subscribed to, as of the last look at Stripe."""

    plan: PlanName = Field(description="The one that counts, whether it is agreed, given or paid for")
    interval: Interval | None
    add_ons: tuple[str, ...]
    status: str = Field(description="As Stripe's subscription; `none` without one", examples=["active"])
    access: Access
    trial_end: Timestamp | None
    current_period_start: Timestamp | None
    current_period_end: Timestamp | None
    next_invoice_at: Timestamp | None
    cancel_at: Timestamp | None
    seats: Seats
    credit: Money | None = Field(description="What the next invoices are less by")
    discount: dict[str, Any] | None
    payment_method: dict[str, Any] | None
    pending_change: dict[str, Any] | None = Field(description="What is agreed and not in force yet")
    last_request: LastRequest | None
    problem: Trouble | None
    features: tuple[str, ...]
    limits: dict[str, int | None]
    as_of: Timestamp | None


class Invoice(Shown):
    """An invoice. `hosted_url` is Stripe's page of it, where it is paid as well."""

    id: UUID
    number: str | None
    status: str = Field(examples=["paid"])
    reason: str | None = Field(examples=["subscription_cycle"])
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    amount_due: Money
    amount_paid: Money
    amount_remaining: Money
    amount_refunded: Money
    disputed: bool
    attempt_count: int
    next_payment_attempt: Timestamp | None
    hosted_url: str | None
    pdf_url: str | None
    period_start: Timestamp | None
    period_end: Timestamp | None
    issued_at: Timestamp
    due_at: Timestamp | None
    paid_at: Timestamp | None


class InvoiceWithLines(Invoice):
    """An invoice, and what it is for."""

    lines: list[dict[str, Any]]
