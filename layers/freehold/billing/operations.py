"""The jobs by which people change, cancel and resume their subscription.

Each looks first at what Stripe holds, and asks for what is lacking: begun again after whatever was lost, it finds what
it has done.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from freehold import clock
from freehold.billing import endings, ledger, parameters, targets
from freehold.billing.asking import Held
from freehold.billing.claims import ENDED, PAUSED
from freehold.billing.failures import unpaid
from freehold.billing.gateway import Stripe, StripeBusy, StripeRefused, StripeUnreadable
from freehold.billing.models import Cancellation, Nothing, WantedChange, Wish
from freehold.billing.money import shown
from freehold.billing.obstacles import refuse_change, refuse_resumption
from freehold.billing.plans import Catalog
from freehold.billing.previews import VALID
from freehold.billing.remote import SEATS
from freehold.billing.targets import Target
from freehold.billing.work import Work, kind
from freehold.errors import InvalidInput, NotFound, NotSubscribed, PreviewGone, PromotionCodeRefused
from freehold.jobs.kinds import Again, GiveUp, Kind, Outcome
from freehold.jobs.running import Running
from freehold.observability import logger

RENEWAL = timedelta(minutes=5)
"""So near to the end of a period nobody waits."""
UNTOLD = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 60))
"""After which times it is tried again to tell Stripe what was used; then a subscription ends without it."""
UNTOLD_REASON = "Our payment provider does not take yet what you have used. Your subscription ends within minutes."
NO_CARD = (
    "There is no card that could be charged. Add one (POST /v1/billing/portal), and resume your subscription then."
)

type Dict = dict[str, Any]


def payments(
    stripe: Callable[[], Stripe], catalog: Catalog, report: Callable[[Running], Outcome | None] | None = None
) -> dict[str, Kind[Any]]:
    """The kinds of jobs, by what they do, at whatever Stripe this is. Whoever runs them says how usage is reported."""
    return {
        "change": kind("change", WantedChange, change, stripe=stripe, catalog=catalog),
        "cancel": kind("cancel", Cancellation, partial(cancel, report=report), stripe=stripe, catalog=catalog),
        "resume": kind("resume", Nothing, resume, stripe=stripe, catalog=catalog),
    }


def change(work: Work, wanted: WantedChange) -> Outcome:
    """Make the subscription what is wished for: more of it now, less of it when the period is over."""
    work = _afresh(work)
    wish, at, price = _agreed(work, wanted)
    held = work.live()[0]
    target = targets.changed(work.catalog, held.subscription, wish, work.account)
    code = _code(work, wish)
    differs = target.is_new or _discount_differs(held, code, wish) or _seats_differ(held, wish)
    if differs or "params" not in work.operation.request:
        refuse_change(work.asking, work.customer, held, target)
    if target.effective == "period_end":
        return _later(work, held, target, code, wish)
    if differs:
        params = _params(work, held, target, code, wish, at)
        if price is not None:
            _hold_to(work, held, params, price)
        if held.schedule:  # of which nothing is to come any more
            work.asking.release(held.schedule, key=work.key("release"))
        changed = work.asking.update(held.subscription.id, params, key=work.key())
        if changed.subscription.pending_update:
            return _unpaid(work, changed, "Your plan is as it was.")
    return work.done(outcome="applied", plan=target.plan, interval=target.interval, effective="now")


def cancel(work: Work, wanted: Cancellation, *, report: Callable[[Running], Outcome | None] | None = None) -> Outcome:
    """End it, at the end of what is paid for or now. Whoever has several by mistake is rid of all.

    What ends now is billed now: what was used is reported before, and counted, if Stripe lets us soon enough. Of a
    paused one no period is paid for.
    """
    found = _not_ended(work)
    if report and found and not wanted.at_period_end and (waits := _last_usage(work, found, report)):
        return waits
    said = {"comment": wanted.comment or "", "feedback": wanted.reason or ""}
    details = {"cancellation_details": {name: value for name, value in said.items() if value}}
    details = details if details["cancellation_details"] else {}
    ends_at: datetime | None = None
    for held in found:
        subscription = held.subscription
        if held.schedule:
            work.asking.release(held.schedule, key=work.key(f"release-{subscription.id}"))
        if not wanted.at_period_end or subscription.status == PAUSED:
            endings.end(work, held, details)
        elif not subscription.ends_at:
            params = {"cancel_at_period_end": True, **details}
            subscription = work.asking.update(subscription.id, params, key=work.key(subscription.id)).subscription
        ends_at = max(filter(None, (ends_at, subscription.ends_at)), default=None)
    if ends_at and wanted.at_period_end:
        return work.done(outcome="ends", ends_at=ends_at.isoformat())
    return work.done(outcome="ended")


def resume(work: Work, _: Nothing) -> Outcome:
    """Let it go on, as if nobody had cancelled or paused it, or agreed on less of it."""
    held = work.live()[0]
    if held.subscription.status == PAUSED:
        held = _unpaused(work, held)
    if held.subscription.status == PAUSED:  # still: what was decided holds until it can go on
        return _unpaid(work, held, "Your subscription stays paused.")
    if held.schedule:
        work.asking.release(held.schedule, key=work.key("release"))
    if held.subscription.ends_at:
        goes_on = {"cancel_at_period_end": False} if held.subscription.cancel_at_period_end else {"cancel_at": ""}
        work.asking.update(held.subscription.id, goes_on, key=work.key())
    return work.done(outcome="goes_on")


def _unpaused(work: Work, held: Held) -> Held:
    """As it is then: with a period that begins now if that could be paid, else paused."""
    refuse_resumption(work.asking, work.customer, held)
    try:
        return work.asking.resume(held.subscription.id, key=work.key("unpause"))
    except StripeRefused as refused:
        if refused.code != "resource_missing":
            raise
        raise work.failed(NO_CARD) from refused


def _afresh(work: Work) -> Work:
    """What was begun longer ago than a preview is valid is begun anew, and charged as of now."""
    at = work.operation.request.get("at")
    is_old = at and datetime.fromisoformat(at) + VALID < work.asking.now(work.account.clock_id)
    return work.anew() if is_old else work


def _agreed(work: Work, wanted: WantedChange) -> tuple[Wish, datetime, int | None]:
    """What is wished for, as of when it is charged, and for how much if that was shown before."""
    if wanted.preview is None:
        if "at" not in work.operation.request:
            at = work.asking.now(work.account.clock_id)
            work.note(at=at.isoformat())
            return wanted, at, None
        return wanted, datetime.fromisoformat(work.operation.request["at"]), None
    try:
        preview = work.running.works.one(ledger.preview(UUID(wanted.preview)))
    except NotFound:
        raise GiveUp(PreviewGone.sentence()) from None
    result = preview.result or {}
    if preview.created_at + VALID < clock.now() and "params" not in work.operation.request:
        raise GiveUp(PreviewGone.sentence())
    if result.get("at") is None:
        raise GiveUp("This preview was made when you had no subscription. Ask for one of the change.")
    wish = Wish.model_validate(preview.request["wish"])
    if not wanted.wish.is_empty and wanted.wish != wish:
        raise GiveUp("The preview was of something else. Ask for one of this.")
    return wish, datetime.fromisoformat(result["at"]), result["amount"]


def _code(work: Work, wish: Wish) -> str | None:
    if wish.promotion_code is None:
        return None
    if (found := work.asking.promotion_code(wish.promotion_code)) is None:
        raise PromotionCodeRefused
    return str(found["id"])


def _discount_differs(held: Held, code: str | None, wish: Wish) -> bool:
    if wish.remove_discount:
        return bool(held.subscription.discounts)
    return code is not None and code not in held.codes


def _params(  # noqa: PLR0913, PLR0917 (what it is made of)
    work: Work, held: Held, target: Target, code: str | None, wish: Wish, at: datetime
) -> Dict:
    """What Stripe is asked for; the same at each attempt, since it goes by the same key."""
    if "params" in work.operation.request:
        found: Dict = work.operation.request["params"]
        return found
    less = parameters.discounts(code, remove=wish.remove_discount) if _discount_differs(held, code, wish) else {}
    params = less
    if target.is_new:
        ids = work.asking.prices(target.lookup_keys)
        params = {**parameters.at_once(target, held, ids, at), **less}
    if _seats_differ(held, wish):
        params = {**params, "metadata": parameters.least(wish.seats)}
    if params.get("proration_behavior") == "always_invoice":
        params["payment_behavior"] = "pending_if_incomplete"
    work.note(params=params)
    return params


def _hold_to(work: Work, held: Held, params: Dict, price: int) -> None:
    """Raises GiveUp where it would cost something else than what was shown."""
    if params.get("proration_behavior") != "always_invoice":
        return
    details = {name: params[name] for name in ("items", "proration_behavior", "proration_date")}
    less = {"discounts": params["discounts"]} if "discounts" in params else {}
    of = {"customer": work.customer, "subscription": held.subscription.id}
    now = work.asking.preview({**of, "subscription_details": details, **less})
    if now["amount_due"] != price:
        was, costs = (shown(amount, now["currency"]) for amount in (price, now["amount_due"]))
        raise work.failed(f"It was shown to cost {was}, and costs {costs} by now. Look at a new preview.")


def _unpaid(work: Work, changed: Held, stays: str) -> Outcome:
    """All stays as it was. A person can still pay or confirm it where the link leads, and then it holds."""
    found = unpaid(work.asking.invoice(changed.latest_invoice) if changed.latest_invoice else {})
    told = {"outcome": found.code, "detail": found.sentence, "link": found.link}
    if found.needs_person:
        return work.done(**told)
    raise work.failed(f"{found.sentence} {stays} {found.way_out}".strip(), **told)


def _later(work: Work, held: Held, target: Target, code: str | None, wish: Wish) -> Outcome:
    """From the next period on."""
    if code or wish.remove_discount:
        raise InvalidInput("A discount changes now, and less of a plan later. Ask for one after the other.")
    schedule = work.asking.schedule(held.schedule) if held.schedule else None
    if schedule is None:
        schedule = work.asking.create_schedule(held.subscription.id, key=work.key("schedule"))
    if schedule["metadata"].get("freehold_operation") != str(work.operation.id):
        ids = work.asking.prices(target.lookup_keys)
        params = {
            "end_behavior": "release",
            "proration_behavior": "none",
            "metadata": {"freehold_operation": str(work.operation.id)},
            "phases": parameters.phases(target, held, ids, schedule, wish.seats),
        }
        work.asking.update_schedule(schedule["id"], params, key=work.key())
    end = held.subscription.period_end
    return work.done(
        outcome="scheduled",
        plan=target.plan,
        interval=target.interval,
        effective="period_end",
        effective_at=end.isoformat() if end else None,
    )


def _seats_differ(held: Held, wish: Wish) -> bool:
    """Of what is paid for at least; it is told together with the quantity, since a look in between would undo that."""
    return bool(wish.seats) and held.subscription.metadata.get(SEATS) != str(wish.seats)


def _last_usage(work: Work, found: list[Held], report: Callable[[Running], Outcome | None]) -> Outcome | None:
    """What is waited for before it ends. Never for long: whether somebody can leave does not depend on what is counted.

    Usage is told by our copy, which is made anew before.
    """
    if work.operation.request.get("ends_untold"):
        return None
    try:
        work.running.works.do(*work.sync.look(work.running.works, work.running.tenant_id).effects)
        if (waits := report(work.running)) is None:
            return None
        why = "It would be renewed meanwhile."
    except (StripeBusy, StripeRefused, StripeUnreadable) as error:
        waits, why = _another_try(work), str(error)
    if waits and not _renews_soon(work, found):
        return waits
    work.note(ends_untold=True)
    logger.error("usage in doubt", job=str(work.running.job_id), why=f"A subscription ends before all is told. {why}")
    return None


def _another_try(work: Work) -> Outcome | None:
    tried = int(work.operation.request.get("untold", 0))
    work.note(untold=tried + 1)
    return Again(UNTOLD[tried], UNTOLD_REASON, counts=False) if tried < len(UNTOLD) else None


def _renews_soon(work: Work, found: list[Held]) -> bool:
    """Whether it would be charged for another period while something is waited for."""
    end = min(filter(None, (held.subscription.period_end for held in found)), default=None)
    return end is not None and end - work.asking.now(work.account.clock_id) < RENEWAL


def _not_ended(work: Work) -> list[Held]:
    """Those that can be cancelled; on a later attempt all of them may be."""
    found = work.asking.subscriptions(work.customer)
    if not found:
        raise GiveUp(NotSubscribed.sentence())
    return [each for each in found if each.subscription.status not in ENDED]
