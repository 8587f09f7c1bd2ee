"""Stripe's API over HTTP: the secret key, the version, faults to order, idempotency, and then the engine."""

import base64
import binascii
import json
import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from local.stripe_double import forms
from local.stripe_double.faults import Fault, Faults
from local.stripe_double.idempotency import LONGEST_KEY, Answer, IdempotencyKeys
from local.stripe_double.refusals import Refused, invalid, unknown_path
from local.stripe_double.server import Outcome, Request, Reset, Response, Silence

type Ask = Callable[["Asked"], Mapping[str, Any]]
"""What Stripe would show. Raises Refused."""

MOST_CALLS = 10_000
"""That are kept to look at."""
_UNKEPT = {401, 409, 429}
_VALIDATION = re.compile(r"parameter_(missing|unknown|invalid_.*)|url_invalid")
_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z_]+)?(;.*)?")
_ODD = "An error occurred with our connection to Stripe's double: this was ordered."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that was let in."""

    id: str
    method: str
    path: str
    params: forms.Form
    idempotency_key: str | None
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that came and what became of it, to look at afterwards."""

    asked: Asked
    status: int | None
    """None where the answer was lost."""
    fault: str | None
    replayed: bool


class Api:
    """Answers for one secret key; `version` is the account's own, for requests that name none."""

    def __init__(self, ask: Ask, *, secret_key: str, version: str, keys: IdempotencyKeys, faults: Faults) -> None:
        self.calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self._ask = ask
        self._secret_key = secret_key
        self._version = version
        self._keys = keys
        self._faults = faults

    def answer(self, request: Request) -> Outcome:
        """One request to a path below /v1 or /v2."""
        request_id = f"req_{secrets.token_hex(7)}"
        try:
            asked = self._let_in(request, request_id)
        except Refused as refused:
            return _response(_refusal(refused, is_kept=False), request_id, request.headers)
        fault = self._faults.take(asked.method, asked.path)
        outcome = self._outcome(asked, fault)
        self._note(asked, fault, outcome)
        if isinstance(outcome, Answer):
            return _response(outcome, request_id, request.headers, asked.version)
        return outcome

    def _let_in(self, request: Request, request_id: str) -> Asked:
        _check_key(_key_of(request.headers.get("authorization", "")), self._secret_key)
        key = request.headers.get("idempotency-key")
        if key is not None and len(key) > LONGEST_KEY:
            raise invalid(f"Idempotency keys have at most {LONGEST_KEY} characters.")
        return Asked(
            id=request_id,
            method=request.method,
            path=request.path,
            params=_params(request),
            idempotency_key=key,
            version=_version(request.headers.get("stripe-version", self._version)),
        )

    def _outcome(self, asked: Asked, fault: Fault | None) -> Answer | Silence | Reset:
        if fault is None:
            return self._once(asked, partial(self._run, asked))
        if fault.kind in _UNTOUCHED:
            return _UNTOUCHED[fault.kind]
        silence = Silence(seconds=fault.seconds)
        if fault.kind == "timeout_before":
            return silence
        answer = self._once(asked, partial(self._run_into, fault, asked))
        lost: dict[str, Silence | Reset] = {"timeout_after": silence, "connection_reset_after": Reset()}
        return lost.get(fault.kind, answer)

    def _run_into(self, fault: Fault, asked: Asked) -> Answer:
        """While it is slow, its idempotency key is in use."""
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        answer = _BROKEN if fault.kind == "500" else self._run(asked)
        if fault.kind == "rejected_later" and answer.body.get("object") == "billing.meter_event":
            self._ask(_rejection(asked, answer.body))
        return _BROKEN if fault.kind == "500_after" else answer

    def _once(self, asked: Asked, run: Callable[[], Answer]) -> Answer:
        if asked.idempotency_key is None or asked.method != "POST":
            return run()
        return self._keys.answer(asked.idempotency_key, (asked.method, asked.path, asked.params), run)

    def _run(self, asked: Asked) -> Answer:
        try:
            return Answer(status=200, body=self._ask(asked), headers={"Original-Request": asked.id})
        except Refused as refused:
            return _refusal(refused, is_kept=not _is_validation(refused))

    def _note(self, asked: Asked, fault: Fault | None, outcome: Answer | Silence | Reset) -> None:
        self.calls.append(
            Call(
                asked=asked,
                status=outcome.status if isinstance(outcome, Answer) else None,
                fault=fault.kind if fault is not None else None,
                replayed=isinstance(outcome, Answer) and "Idempotent-Replayed" in outcome.headers,
            )
        )


def _rejection(asked: Asked, event: Mapping[str, Any]) -> Asked:
    """What takes a meter event back that its sender believes to be counted."""
    return replace(
        asked,
        path="/v1/billing/meter_event_adjustments",
        params={
            "event_name": event["event_name"],
            "type": "cancel",
            "cancel": {"identifier": event["identifier"]},
        },
    )


def _key_of(header: str) -> str:
    """A Bearer token, or the name of HTTP Basic; '' for neither."""
    scheme, _, rest = header.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip()
        case "basic":
            try:
                return base64.b64decode(rest, validate=True).decode().partition(":")[0]
            except (binascii.Error, UnicodeDecodeError):
                return ""
        case _:
            return ""


def _check_key(given: str, known: str) -> None:
    """Raises Refused."""
    shown = (
        f"{given[:8]}{'*' * max(0, min(len(given), 40) - 12)}{given[-4:]}" if len(given) > len("sk_test_") else given
    )
    if not given:
        sentence = (
            "You did not provide an API key. Provide it in the Authorization header, as in 'Bearer YOUR_SECRET_KEY'."
        )
    elif "_live_" in given:
        sentence = (
            f"A live key was sent to the double, which is no place for it: {shown}. Use the double's sk_test_ key."
        )
    elif not secrets.compare_digest(given.encode(), known.encode()):
        sentence = f"Invalid API Key provided: {shown}"
    else:
        return
    raise Refused(401, "invalid_request_error", sentence)


def _params(request: Request) -> forms.Form:
    """From the body of a POST, and from the query of the others."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method == "POST" and request.body and kind not in {"application/x-www-form-urlencoded", ""}:
        raise invalid(f"Invalid request: the body is {kind[:80]}, and the API takes application/x-www-form-urlencoded.")
    try:
        return {**forms.decode(request.query), **(forms.decode(request.body) if request.method == "POST" else {})}
    except forms.Malformed as error:
        raise invalid(str(error)) from None


def _version(given: str) -> str:
    if not _VERSION.fullmatch(given):
        raise invalid(f"Invalid Stripe API version: {given[:40]}")
    return given


def _is_validation(refused: Refused) -> bool:
    """Whether it was refused before anything ran."""
    return refused.status in _UNKEPT or bool(refused.code and _VALIDATION.fullmatch(refused.code))


def _refusal(refused: Refused, *, is_kept: bool) -> Answer:
    return Answer(status=refused.status, body=refused.body(), is_kept=is_kept)


def _error(status: int, sentence: str, *, code: str | None = None, is_kept: bool) -> Answer:
    kind = "api_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004 -- a server's, as HTTP has it
    return _refusal(Refused(status, kind, sentence, code=code), is_kept=is_kept)


def _response(answer: Answer, request_id: str, given: Mapping[str, str], version: str = "") -> Response:
    key = given.get("idempotency-key")
    headers = {
        "Content-Type": "application/json",
        "Cache-Control": "no-cache, no-store",
        "Request-Id": request_id,
        **({"Stripe-Version": version} if version else {}),
        **({"Idempotency-Key": key} if key and len(key) <= LONGEST_KEY else {}),
        **answer.headers,
    }
    return Response(status=answer.status, body=json.dumps(answer.body).encode(), headers=headers)


def unknown(request: Request) -> Response:
    """What Stripe says to a path that it does not have."""
    refused = unknown_path(request.method, request.path)
    return _response(_refusal(refused, is_kept=False), f"req_{secrets.token_hex(7)}", request.headers)


def mistake(request: Request) -> Response:
    """What a client hears of a mistake of the double's own."""
    answer = _error(500, "The double has made a mistake; its terminal says which.", is_kept=False)
    return _response(answer, f"req_{secrets.token_hex(7)}", request.headers)


_BROKEN = replace(_error(500, _ODD, is_kept=True), headers={"Stripe-Should-Retry": "false"})
"""Trying again with the same key would say the same."""
_UNTOUCHED = {
    "429": _error(429, "Too many requests hit the API too quickly.", code="rate_limit", is_kept=False),
    "503": _error(503, _ODD, is_kept=False),
}
