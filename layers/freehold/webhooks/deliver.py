"""Sends one delivery once, and says what becomes of it: done, again later, or given up.

Whatever has to be remembered is in the database: the log of attempts, when the next one is due, how the endpoint fails.
A worker that dies in the middle sends again; the receiver knows the event by its `webhook-id`.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from random import SystemRandom
from typing import Literal

from pydantic import BaseModel

from freehold import clock
from freehold.database import Works
from freehold.errors import NotFound
from freehold.jobs.kinds import Again, Done, Effects, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.queries import hold_lane, release_lane
from freehold.jobs.running import Running
from freehold.observability import Call, calling_http, host_of, traces
from freehold.webhooks import failures
from freehold.webhooks import sending as statements
from freehold.webhooks.breaker import NOTHING, Failing, after_failure
from freehold.webhooks.egress import Egress
from freehold.webhooks.models import DeliveryId
from freehold.webhooks.sending import Sending, Tried
from freehold.webhooks.signing import Secret, signed_headers
from freehold.webhooks.targets import Undeliverable

SCHEDULE = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""How long to wait after each failed attempt, more or less: ten attempts in about three days."""
JITTER = 0.1
LONGEST_ASKED = timedelta(hours=24)
SCOUTING = timedelta(minutes=1)
"""For how long one delivery has the endpoint to itself, to see whether it answers again; the others come after it."""
CRASHES = 20
"""How often a job may be lost with its worker before it is given up; failed attempts do not count there."""
GONE = 410
ASKING = (429, 503)
TOLD = ("content-type", "location", "retry-after", "server", "www-authenticate")
"""Headers of an answer that help whoever looks for a mistake, and hold nothing that is theirs alone."""
RANDOM = SystemRandom()


class Order(BaseModel):
    """Which delivery to send; the trigger that makes the job writes it."""

    delivery_id: DeliveryId


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt, and what its receiver wants."""

    tried: Tried
    timed_out: bool = False
    asked: timedelta = NOTHING

    @property
    def succeeded(self) -> bool:
        """Any 2xx; a redirect is none."""
        return self.tried.status is not None and 200 <= self.tried.status < 300  # noqa: PLR2004 (HTTP's)


def deliveries(egress: Egress) -> Kind[Order]:
    """The kind of job that sends deliveries by this way out."""
    return Kind(
        name="webhooks.deliver",
        job_class=JobClass.DELIVERIES,
        input=Order,
        run=partial(deliver, egress),
        attempts=CRASHES,
        failed=lambda order, reason: (statements.abandon(order.delivery_id, reason),),
    )


def deliver(egress: Egress, running: Running, order: Order) -> Outcome:
    """Try once, unless there is a reason not to."""
    try:
        sending = running.works.one(statements.sending(order.delivery_id))
    except NotFound:
        return Done()
    if sending.state != "pending":
        return Done()
    if reason := _obstacle(sending):
        return Done(effects=(statements.abandon(sending.delivery_id, reason),))
    if pause := _pause(running.works, sending):
        return Again(pause, "The endpoint fails and is paused.", counts=False, effects=_next_held(sending))
    attempted = _attempt(egress, sending)
    end = _succeeded if attempted.succeeded else _failed
    return end(running.works, sending, attempted)


def _obstacle(sending: Sending) -> str:
    """Why it will never be sent; nothing where it may be."""
    if sending.url is None:
        return "The endpoint was deleted."
    if not sending.is_active and not sending.is_test:
        return "The endpoint is disabled."
    return ""


def _pause(works: Works, sending: Sending) -> timedelta:
    """How long to leave the endpoint alone. When a pause is over, one delivery goes first."""
    if not sending.was_paused or sending.is_test:
        return NOTHING
    if sending.pause_left <= NOTHING:
        with works.transaction() as tx:
            scout = tx.put(failures.become_scout(sending.endpoint_id, SCOUTING))
        if scout.value.is_ours:
            return NOTHING
    return max(sending.pause_left, NOTHING) + SCOUTING * RANDOM.uniform(1, 2)


def _next_held(sending: Sending) -> Effects:
    """A lane is held a part at a time: whoever is too many for one part finds the pause and holds the next."""
    if sending.paused_until is None or sending.pause_left <= NOTHING:
        return ()
    return (hold_lane(sending.endpoint_id, sending.paused_until),)


def _attempt(egress: Egress, sending: Sending) -> Attempted:
    body, url, began = sending.body.encode(), sending.url or "", time.monotonic()
    by = [Secret.read(secret) for secret in sending.secrets]
    headers = {"Content-Type": "application/json", "User-Agent": "Freehold-Webhooks/1"}
    signed = signed_headers(str(sending.event_id), at=clock.now(), body=body, by=by)
    logged = headers | {name: value for name, value in signed.items() if name != "webhook-signature"}
    try:
        with calling_http("POST", "webhook", host_of(url)) as call:
            logged |= call.headers
            _say_which(call, sending)
            reply = egress.post(url, headers | signed | call.headers, body)
            call.answered(reply.status)
    except Undeliverable as error:
        spent = round(1000 * (time.monotonic() - began))
        tried = Tried(url=url, request_headers=logged, error=str(error), milliseconds=spent)
        return Attempted(tried, timed_out=isinstance(error.__cause__, TimeoutError))
    tried = Tried(
        url=url,
        request_headers=logged,
        status=reply.status,
        response_headers={name: reply.headers[name] for name in TOLD if name in reply.headers},
        response_excerpt=reply.excerpt,
        milliseconds=reply.milliseconds,
    )
    return Attempted(tried, asked=_asked(reply.headers) if reply.status in ASKING else NOTHING)


def _say_which(call: Call, sending: Sending) -> None:
    """Which delivery of which event, and where that was published: the attempt is below its job."""
    if call.span:
        call.span.attributes |= {
            "freehold.delivery.id": str(sending.delivery_id),
            "freehold.delivery.attempt": sending.attempts + 1,
            "freehold.event.id": str(sending.event_id),
            "freehold.event.type": sending.event_type,
        }
        caused = json.loads(sending.body)["request_id"]
        call.span.links.append((traces.trace_id(caused), traces.span_id("publish", sending.event_id)))


def _asked(headers: Mapping[str, str]) -> timedelta:
    """What Retry-After says, as seconds or as a moment, up to a day."""
    said = headers.get("retry-after", "")
    try:
        asked = timedelta(seconds=int(said)) if said.isdecimal() else _until(said)
    except (ValueError, OverflowError):
        return NOTHING
    return min(max(asked, NOTHING), LONGEST_ASKED)


def _until(said: str) -> timedelta:
    moment = parsedate_to_datetime(said)
    return (moment if moment.tzinfo else datetime.combine(moment.date(), moment.time(), UTC)) - clock.now()


def _succeeded(works: Works, sending: Sending, attempted: Attempted) -> Outcome:
    logged = statements.insert_attempt(sending.delivery_id, attempted.tried)
    finished = statements.finish(sending.delivery_id, "succeeded", attempted.tried)
    return Done(effects=(logged, finished, *_next_released(works, sending)))


def _next_released(works: Works, sending: Sending) -> Effects:
    """What was held goes, a part at a time: each success lets the next one go."""
    if not sending.is_failing:
        return ()
    with works.transaction() as tx:
        answers = tx.put(failures.answers(sending.endpoint_id, sending.now))
    return (release_lane(sending.endpoint_id),) if answers.value.holds else ()


def _failed(works: Works, sending: Sending, attempted: Attempted) -> Outcome:
    pause, disabled = (NOTHING, False) if sending.is_test else _note(works, sending, attempted)
    logged = statements.insert_attempt(sending.delivery_id, attempted.tried)
    if disabled or sending.attempts >= len(SCHEDULE):
        return Done(effects=(logged, statements.finish(sending.delivery_id, "failed", attempted.tried)))
    usual = SCHEDULE[sending.attempts] * RANDOM.uniform(1 - JITTER, 1 + JITTER)
    wait = max(usual, attempted.asked, pause)
    postponed = statements.postpone(sending.delivery_id, attempted.tried, wait)
    return Again(wait, "The receiver did not take it.", counts=False, effects=(logged, postponed))


def _note(works: Works, sending: Sending, attempted: Attempted) -> tuple[timedelta, bool]:
    """Count the failure. How long the endpoint is left alone now, and whether it is disabled."""
    endpoint_id = sending.endpoint_id
    with works.transaction() as tx:
        tx.put(failures.begin_failing(endpoint_id))
        past = tx.get(failures.lock_failing(endpoint_id))
        if not past:
            return NOTHING, True
        failing = after_failure(
            past[0], timed_out=attempted.timed_out, was_scout=sending.was_paused, asked=attempted.asked
        )
        if reason := _end(failing, attempted):
            tx.put(failures.disable_endpoint(endpoint_id, reason))
            tx.put(failures.forget_failing(endpoint_id))
            tx.put(release_lane(endpoint_id))
            return NOTHING, True
        tx.put(failures.update_failing(endpoint_id, failing))
        if failing.paused_until and failing.paused_until != past[0].paused_until:
            tx.put(hold_lane(endpoint_id, failing.paused_until))
    return failing.pause_left, False


def _end(failing: Failing, attempted: Attempted) -> Literal["gone", "failing"] | None:
    """Why nothing more is sent there; None where it is."""
    if attempted.tried.status == GONE:
        return "gone"
    return "failing" if failing.is_hopeless else None
