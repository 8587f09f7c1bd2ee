"""A job that asks Stripe for something, in whatever it does: how it begins, is written down, and ends.

What it asks for is written down before, and carries the job's own key. In the end it looks at everything of the
customer, so that what we show is true when the job is done.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Self

from pydantic import BaseModel

from freehold.billing import ledger, queries
from freehold.billing.asking import Asking, Held
from freehold.billing.failures import said
from freehold.billing.gateway import PaymentDeclined, Stripe, StripeBusy, StripeRefused
from freehold.billing.ledger import Operation, What
from freehold.billing.plans import Catalog
from freehold.billing.previews import live
from freehold.billing.queries import Account
from freehold.billing.sync import Sync
from freehold.database import Statement
from freehold.errors import InvalidInput, NotSubscribed, PaymentDue, ResumeFirst
from freehold.jobs.kinds import Again, Backoff, Done, GiveUp, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.permissions import BILLING_WRITE

SOON = Backoff(tuple(timedelta(seconds=seconds) for seconds in (2, 10, 60, 300, 900)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One job at work: what it is about, and what stands at Stripe."""

    running: Running
    asking: Asking
    sync: Sync
    operation: Operation
    account: Account
    customer: str

    @property
    def catalog(self) -> Catalog:
        """What is sold."""
        return self.sync.catalog

    def key(self, step: str = "") -> str:
        """By which Stripe knows one of its requests again."""
        parts = ["fh", self.running.tenant_id, self.operation.id, self.operation.tries or "", step]
        return "-".join(str(part) for part in parts if part)

    def anew(self) -> Self:
        """The same under another key: the one before has failed for certain."""
        tries = self.operation.tries + 1
        self.running.works.do(ledger.anew(self.operation.id, tries))
        fresh = {name: value for name, value in self.operation.request.items() if name == "wanted"} | {"tries": tries}
        return replace(self, operation=self.operation.model_copy(update={"request": fresh, "result": None}))

    def note(self, **known: Any) -> None:  # noqa: ANN401 (JSON)
        """Write down what the next attempt has to know."""
        self.running.works.do(ledger.note(self.operation.id, known))

    def live(self) -> list[Held]:
        """What can be changed, the newest first. Raises GiveUp where there is nothing."""
        found = [each for each in self.asking.subscriptions(self.customer) if live([each])]
        if not found:
            raise GiveUp(NotSubscribed.sentence())
        return found

    def done(self, **result: Any) -> Done:  # noqa: ANN401 (JSON)
        """It is as it should be; what we know of it is what Stripe holds now."""
        effects = self.sync.look(self.running.works, self.running.tenant_id).effects
        return Done(result, effects=(ledger.finish(self.operation.id, result), *effects))

    def failed(self, reason: str, **result: Any) -> GiveUp:  # noqa: ANN401 (JSON)
        """It is as it was, and why."""
        effects = self.sync.look(self.running.works, self.running.tenant_id).effects
        return GiveUp(reason, effects=(self._failed(reason, **result), *effects))

    def given_up(self, reason: str) -> GiveUp:
        """Stripe was asked for nothing, so there is nothing to look at."""
        return GiveUp(reason, effects=(self._failed(reason),))

    def again(self, busy: StripeBusy) -> Again:
        """Another attempt, if one is left."""
        reason = f"Our payment provider did not answer: {busy}"
        if self.running.attempt >= self.running.attempts:
            return Again(None, reason, effects=(self._failed(reason),))
        if busy.remembered:
            self.anew()
        return Again(None, reason)

    def _failed(self, reason: str, **result: Any) -> Statement[None]:  # noqa: ANN401 (JSON)
        return ledger.finish(self.operation.id, {"reason": reason, **result}, state="failed")


type Step[I: BaseModel] = Callable[[Work, I], Outcome]


def kind[I: BaseModel](
    what: What, given: type[I], step: Step[I], *, stripe: Callable[[], Stripe], catalog: Catalog
) -> Kind[I]:
    """Jobs that do this, at whatever Stripe it is."""
    return Kind(
        name=f"billing.{what}",
        job_class=JobClass.PAYMENTS,
        input=given,
        run=partial(_run, stripe, catalog, what, step),
        attempts=8,
        backoff=SOON,
        permission=BILLING_WRITE,
        failed=lambda _, reason: (ledger.close(reason),),
    )


def _run[I: BaseModel](  # noqa: PLR0913, PLR0917 (the first four are the kind's)
    stripe: Callable[[], Stripe], catalog: Catalog, what: What, step: Step[I], running: Running, given: I
) -> Outcome:
    work = _begun(stripe(), catalog, what, running, given)
    try:
        return step(work.anew() if work.operation.state == "failed" else work, given)
    except StripeBusy as busy:
        return work.again(busy)
    except PaymentDeclined as declined:
        raise work.failed(f"{said(declined.decline_code or declined.code)} Your plan is as it was.") from declined
    except (InvalidInput, ResumeFirst, StripeRefused) as refused:
        raise work.failed(str(refused)) from refused
    except PaymentDue as due:
        raise work.failed(str(due), **due.members) from due
    except GiveUp as given_up:
        if given_up.effects:
            raise
        raise work.given_up(given_up.reason) from given_up


def _begun(gateway: Stripe, catalog: Catalog, what: What, running: Running, given: BaseModel) -> Work:
    """Raises GiveUp for a tenant that has never been at Stripe."""
    with running.works.transaction() as tx:
        begun = tx.put(ledger.begin(what, str(running.job_id), {"wanted": given.model_dump(mode="json")}))
        found = tx.put(queries.account())
    operation, account = begun.value, found.value
    if account.customer_id is None:
        reason = NotSubscribed.sentence()
        raise GiveUp(reason, effects=(ledger.finish(operation.id, {"reason": reason}, state="failed"),))
    return Work(
        running=running,
        asking=Asking(gateway),
        sync=Sync(gateway=gateway, catalog=catalog),
        operation=operation,
        account=account,
        customer=account.customer_id,
    )
