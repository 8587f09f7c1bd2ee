"""What Stripe answered to an idempotency key, remembered for a day of the clock: failures as well as successes.

https://docs.stripe.com/api/idempotent_requests: the status and body of the first request are kept whether it succeeds
or fails, errors of status 500 included; nothing is kept of a request whose parameters fail validation, that was refused
before it ran (401, 429), or that met another one with its key under way.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

KEPT_SECONDS = 24 * 60 * 60
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back to the client."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    is_kept: bool = True
    """Whether its idempotency key remembers it."""


@dataclass(frozen=True, slots=True)
class _Known:
    request: object
    at: float
    answer: Answer | None
    """None while the first one is running."""


class IdempotencyKeys:
    """Keys of one account; `now` says the time in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def answer(self, key: str, request: object, run: Callable[[], Answer]) -> Answer:
        """The answer of the first request with this key; `request` is compared: method, path and parameters."""
        now = self._now()
        with self._lock:
            known = self._find(key, now)
            if known is None:
                self._known[key] = _Known(request, now, None)
        return self._first(key, request, run) if known is None else _again(key, request, known)

    def _find(self, key: str, now: float) -> _Known | None:
        known = self._known.get(key)
        if known is not None and known.answer is not None and now - known.at >= KEPT_SECONDS:
            del self._known[key]
            return None
        return known

    def _first(self, key: str, request: object, run: Callable[[], Answer]) -> Answer:
        answer = None
        try:
            answer = run()
        finally:
            with self._lock:
                if answer is not None and answer.is_kept:
                    self._known[key] = _Known(request, self._known[key].at, answer)
                else:
                    del self._known[key]
        return answer


def _again(key: str, request: object, known: _Known) -> Answer:
    if known.request != request:
        sentence = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        return Answer(status=400, body={"error": {"type": "idempotency_error", "message": sentence}})
    if known.answer is None:
        sentence = (
            f"There is currently another in-progress request using this Idempotent Key: {key}. Please try again later."
        )
        error = {"type": "invalid_request_error", "code": "idempotency_key_in_use", "message": sentence}
        return Answer(status=409, body={"error": error})
    return replace(known.answer, headers={**known.answer.headers, "Idempotent-Replayed": "true"})
