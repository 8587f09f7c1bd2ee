"""How events reach an endpoint: signed, at least once, in no order, tried again, and worse than that where it is set.

Nothing is sent before somebody says so: a test calls `deliver_waiting`, and `make dev` makes its rounds.
"""

import hashlib
import hmac
import json
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any

import httpx

from local.stripe_double.endpoints import Endpoint, Endpoints

type Event = Mapping[str, Any]
type Post = Callable[[str, bytes, Mapping[str, str]], int]
"""Sends a body to an address, with headers; the status. Raises OSError or an error of httpx where nobody answers."""

TRIES = 12
LONGEST_PAUSE_SECONDS = 60
"""Stripe pauses hours, for three days; here the pauses are a second, two, four, … and so on to this one."""
ANSWER_SECONDS = 10
AT_ONCE = 4
MOST_ATTEMPTS = 10_000
"""That are kept to look at."""
MOST_COPIES = 100
MOST_DELAY = 3600  # seconds


@dataclass(slots=True, kw_only=True)
class Weather:
    """What happens to events on their way."""

    shuffled: bool = False
    copies: int = 1
    """How often each is sent, even where the first one arrives."""
    dropped: float = 0
    """The share that is never sent, from 0 to 1."""
    delay_seconds: float = 0

    def __post_init__(self) -> None:
        """Raises ValueError for what no weather is like."""
        for name, value, most in (("dropped", self.dropped, 1), ("delay_seconds", self.delay_seconds, MOST_DELAY)):
            if not 0 <= value <= most:
                raise ValueError(f"{name} is from 0 to {most}.")
        if not 1 <= self.copies <= MOST_COPIES:
            raise ValueError(f"copies is from 1 to {MOST_COPIES}.")


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
    endpoint: str
    number: int = 1
    due: float = 0


class Delivery:
    """The way from one account to its endpoints."""

    def __init__(self, endpoints: Endpoints, *, post: Post | None = None) -> None:
        self.endpoints = endpoints
        self.weather = Weather()
        self.random = Random(1)  # noqa: S311 -- the same disorder each time
        self.attempts: deque[Attempt] = deque(maxlen=MOST_ATTEMPTS)
        self.clock: Callable[[], float] = time.time
        """The real one, as endpoints compare signatures with it."""
        self._post = post or _post
        self._waiting: list[_Letter] = []
        self._lock = threading.Lock()

    def take(self, event: Event) -> None:
        """Let it wait for each endpoint that wants it, as the weather is."""
        for endpoint in self.endpoints.all():
            if not endpoint.wants(event["type"]):
                continue
            letter = _Letter(event=event, endpoint=endpoint.id, due=self.clock() + self.weather.delay_seconds)
            if self.random.random() < self.weather.dropped:
                self._note(replace(letter, number=0), None)
            else:
                self._keep([letter] * self.weather.copies)

    def resend(self, event: Event) -> int:
        """Send it once more, whatever the weather; how many endpoints want it."""
        letters = [_Letter(event=event, endpoint=one.id) for one in self.endpoints.all() if one.wants(event["type"])]
        self._keep(letters)
        return len(letters)

    def deliver_waiting(self) -> list[Attempt]:
        """Try each letter that waits once, now; those that fail wait again, until they were tried twelve times."""
        return [self._try(letter) for letter in self._taken(until=math.inf)]

    def deliver_due(self) -> list[Attempt]:
        """Try those whose time has come, some side by side: one that is slow does not keep the others waiting."""
        due = self._taken(until=self.clock())
        if not due:
            return []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._try, due))

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

    def _taken(self, *, until: float) -> list[_Letter]:
        with self._lock:
            taken = [letter for letter in self._waiting if letter.due <= until]
            self._waiting = [letter for letter in self._waiting if letter.due > until]
        if self.weather.shuffled:
            self.random.shuffle(taken)
        return taken

    def _try(self, letter: _Letter) -> Attempt:
        endpoint = self.endpoints.find(letter.endpoint)
        attempt = self._note(letter, self._send(letter, endpoint) if endpoint else None)
        if endpoint and not attempt.arrived and letter.number < TRIES:
            pause = min(2 ** (letter.number - 1), LONGEST_PAUSE_SECONDS)
            self._keep([replace(letter, number=letter.number + 1, due=self.clock() + pause)])
        return attempt

    def _send(self, letter: _Letter, endpoint: Endpoint) -> int | None:
        body = body_of(letter.event, version=endpoint.api_version)
        signature = signature_of(body, endpoint.secrets, at=int(self.clock()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            return self._post(endpoint.url, body, headers)
        except (OSError, httpx.HTTPError, httpx.InvalidURL):
            return None

    def _note(self, letter: _Letter, status: int | None) -> Attempt:
        attempt = Attempt(
            event=letter.event["id"],
            type=letter.event["type"],
            endpoint=letter.endpoint,
            number=letter.number,
            at=self.clock(),
            status=status,
        )
        self.attempts.append(attempt)
        return attempt


def body_of(event: Event, *, version: str) -> bytes:
    """As Stripe writes it. Another version changes the field alone: the double has one shape."""
    return json.dumps({**event, "api_version": version}, indent=2, ensure_ascii=False).encode()


def signature_of(body: bytes, secrets: Sequence[str], *, at: int) -> str:
    """The header `Stripe-Signature`: `v1` for each secret, and `v0`, which test mode adds and nobody should believe."""
    signed = f"{at}.".encode() + body
    believed = [f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}" for secret in secrets]
    return ",".join([f"t={at}", *believed, f"v0={hashlib.sha256(signed).hexdigest()}"])


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Redirects are not followed: to Stripe they are failures."""
    return _client().post(url, content=body, headers=dict(headers)).status_code


@cache
def _client() -> httpx.Client:
    """One for the process, as making one takes longer than what it sends; nobody closes it, it holds nothing open."""
    return httpx.Client(timeout=ANSWER_SECONDS, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
