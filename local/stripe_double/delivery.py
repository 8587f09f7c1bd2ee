"""How events reach an endpoint: signed, at least once, in no order, tried again, and worse than that where it is set.

Nothing is sent before somebody says so: a test calls `deliver_waiting`, and `make dev` runs a `Courier`.
"""

import hashlib
import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, Self

import httpx

from local.stripe_double.endpoints import Endpoint, Endpoints

type Event = Mapping[str, Any]
type Post = Callable[[str, bytes, Mapping[str, str]], int]
"""Sends a body to an address, with headers; the status. Raises OSError or httpx.HTTPError where nobody answers."""

TRIES = 12
LONGEST_PAUSE_SECONDS = 60
"""Stripe pauses hours, for three days; here the pauses are a second, two, four, … and so on to this one."""
ANSWER_SECONDS = 10
MOST_ATTEMPTS = 10_000
"""That are kept to look at."""


@dataclass(slots=True, kw_only=True)
class Weather:
    """What happens to events on their way."""

    shuffled: bool = False
    copies: int = 1
    """How often each is sent, even where the first one arrives."""
    dropped: float = 0
    """The share that is never sent, from 0 to 1."""
    delay_seconds: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One POST, or none where the event was dropped."""

    event: str
    type: str
    endpoint: str
    number: int
    """From 1; 0 where the event was dropped."""
    at: float
    status: int | None
    """None where nobody answered."""

    @property
    def arrived(self) -> bool:
        """Whether the endpoint said 2xx."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 -- success, as HTTP has it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    event: Event
    endpoint: Endpoint
    number: int = 1
    due: float = 0


class Delivery:
    """The way from one account to its endpoints; `clock` is the real one, as endpoints compare signatures with it."""

    def __init__(
        self, endpoints: Endpoints, *, version: str, post: Post | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.endpoints = endpoints
        self.weather = Weather()
        self.random = Random(1)  # noqa: S311 -- the same disorder each time
        self.attempts: deque[Attempt] = deque(maxlen=MOST_ATTEMPTS)
        self.clock = clock
        self._version = version
        self._post = post or _post
        self._waiting: list[_Letter] = []
        self._lock = threading.Lock()

    def take(self, event: Event) -> None:
        """Let it wait for each endpoint that wants it, as the weather is."""
        for endpoint in self.endpoints.all():
            if not endpoint.wants(event["type"]):
                continue
            letter = _Letter(event=event, endpoint=endpoint, due=self.clock() + self.weather.delay_seconds)
            if self.random.random() < self.weather.dropped:
                self._note(replace(letter, number=0), None)
            else:
                self._keep([letter] * self.weather.copies)

    def resend(self, event: Event) -> int:
        """Send it once more, whatever the weather; how many endpoints want it."""
        letters = [_Letter(event=event, endpoint=one) for one in self.endpoints.all() if one.wants(event["type"])]
        self._keep(letters)
        return len(letters)

    def deliver_waiting(self, *, only_due: bool = False) -> list[Attempt]:
        """Try each letter that waits once, now; those that fail wait again, until they were tried twelve times."""
        return [self._try(letter) for letter in self._taken(only_due=only_due)]

    def waiting(self) -> int:
        """How many letters are on their way."""
        with self._lock:
            return len(self._waiting)

    def forget(self) -> None:
        """Lose all that waits."""
        with self._lock:
            self._waiting = []

    def _keep(self, letters: list[_Letter]) -> None:
        with self._lock:
            self._waiting += letters

    def _taken(self, *, only_due: bool) -> list[_Letter]:
        now = self.clock()
        with self._lock:
            taken = [letter for letter in self._waiting if not only_due or letter.due <= now]
            self._waiting = [letter for letter in self._waiting if only_due and letter.due > now]
        if self.weather.shuffled:
            self.random.shuffle(taken)
        return taken

    def _try(self, letter: _Letter) -> Attempt:
        attempt = self._note(letter, self._send(letter))
        if not attempt.arrived and letter.number < TRIES:
            pause = min(2 ** (letter.number - 1), LONGEST_PAUSE_SECONDS)
            self._keep([replace(letter, number=letter.number + 1, due=self.clock() + pause)])
        return attempt

    def _send(self, letter: _Letter) -> int | None:
        body = body_of(letter.event, version=letter.endpoint.api_version or self._version)
        signature = signature_of(body, letter.endpoint.secrets, at=int(self.clock()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            return self._post(letter.endpoint.url, body, headers)
        except (OSError, httpx.HTTPError):
            return None

    def _note(self, letter: _Letter, status: int | None) -> Attempt:
        attempt = Attempt(
            event=letter.event["id"],
            type=letter.event["type"],
            endpoint=letter.endpoint.id,
            number=letter.number,
            at=self.clock(),
            status=status,
        )
        self.attempts.append(attempt)
        return attempt


class Courier:
    """Delivers what is due, from a thread of this process."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._walk, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()

    def _walk(self) -> None:
        while not self._stopping.wait(0.1):
            self._delivery.deliver_waiting(only_due=True)


def body_of(event: Event, *, version: str) -> bytes:
    """As Stripe writes it. Another version changes the field alone: the double has one shape."""
    return json.dumps({**event, "api_version": version}, indent=2, ensure_ascii=False).encode()


def signature_of(body: bytes, secrets: list[str], *, at: int) -> str:
    """The header `Stripe-Signature`: `v1` for each secret, and `v0`, which test mode adds and nobody should believe."""
    signed = f"{at}.".encode() + body
    believed = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={at}", *believed, f"v0={hashlib.sha256(signed).hexdigest()}"])


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Redirects are not followed: to Stripe they are failures."""
    return _client().post(url, content=body, headers=dict(headers)).status_code


@cache
def _client() -> httpx.Client:
    """One for the process, as making one takes longer than what it sends."""
    return httpx.Client(timeout=ANSWER_SECONDS, trust_env=False)
