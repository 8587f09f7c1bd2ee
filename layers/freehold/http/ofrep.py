"""OFREP on the wire: decisions for every OpenFeature client, in its words and with its errors.

The protocol is that of github.com/open-feature/protocol, version 0.3.0. Whatever is wrong with a request is its 400,
and an unknown key its 404. Every other error stays a problem of ours, with OFREP's members beside, which clients show.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from freehold.database import database
from freehold.decisions.answers import Answers
from freehold.decisions.models import Decision, UnknownKey
from freehold.errors import (
    ApiError,
    BadRequest,
    ContextRefused,
    FlagBroken,
    InvalidInput,
    NotAMember,
    NotFound,
    PayloadTooLarge,
    TenantRequired,
    UnknownFlag,
    UnsupportedMediaType,
)
from freehold.http import problems
from freehold.http.authorization import identity
from freehold.http.calling import caller_of, named_tenant, only_tenants
from freehold.http.dialect import Dialect
from freehold.http.evaluation_context import Context, read_context
from freehold.http.events import Event
from freehold.http.frame import Response
from freehold.http.lean import json_response
from freehold.http.named_etags import names
from freehold.http.problems import Rendered

MEDIA_TYPE = "application/json"
GENERAL = "GENERAL"
CODES: Mapping[type[Exception], str] = {
    NotFound: "FLAG_NOT_FOUND",
    ContextRefused: "INVALID_CONTEXT",
    TenantRequired: GENERAL,
    BadRequest: "PARSE_ERROR",
    PayloadTooLarge: "PARSE_ERROR",
    UnsupportedMediaType: "PARSE_ERROR",
}
"""What OpenFeature calls an error, and those below it; all others are general."""
AS_400 = (BadRequest, InvalidInput, PayloadTooLarge, UnsupportedMediaType)


def respond(event: Event, _context: Any) -> Response:  # noqa: ANN401 (Lambda's)
    """Answer one key where the path names it, and otherwise all of them. Raises a 4xx ApiError, Unavailable."""
    named: Mapping[str, str] = event.raw.get("pathParameters") or {}
    try:
        return _answered(event, named.get("key"))
    except ApiError as error:
        if isinstance(error, NotAMember):
            only_tenants.forget(identity(event.who))
        error.members |= named
        raise


def shown(decision: Decision) -> dict[str, Any]:
    """A decision as OFREP writes it; its metadata says why. Limits have one variant, for clients insist on one.

    Raises FlagBroken.
    """
    if decision.reason == "ERROR":
        raise FlagBroken(key=decision.key)
    return {
        "key": decision.key,
        "value": decision.value,
        "reason": decision.reason,
        "variant": decision.variant or decision.kind,
        "metadata": _metadata(decision),
    }


def render(error: ApiError, request_id: str) -> Rendered:
    """The error as OFREP has it, or else as a problem that its clients can read as well."""
    said = _said(error)
    if isinstance(error, (NotFound, *AS_400)):
        document = {**error.members, **said, "code": error.code, "request_id": request_id}
        status = 404 if isinstance(error, NotFound) else 400
        return Rendered(status, {**error.headers, "Content-Type": MEDIA_TYPE}, json.dumps(document).encode())
    problem = problems.render(error, request_id)
    return Rendered(problem.status, problem.headers, json.dumps(json.loads(problem.body) | said).encode())


OFREP = Dialect((MEDIA_TYPE,), render, unread=True)
"""A body is read where the key is known, which every refusal names."""


def _answered(event: Event, key: str | None) -> Response:
    context = read_context(event.body)
    db = database()
    answers = Answers(db, caller_of(event, db, named_tenant(event)))
    return _all(answers, context, event.headers.get("if-none-match")) if key is None else _one(answers, key, context)


def _one(answers: Answers, key: str, context: Context) -> Response:
    try:
        return json_response(_text(shown(answers.decision(key, context))))
    except UnknownKey:
        raise UnknownFlag from None


def _all(answers: Answers, context: Context, known: str | None) -> Response:
    body = _text({"flags": [_shown_or_failed(decision) for decision in answers.all(context)]})
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    if known is not None and names(known, etag):
        return {"statusCode": 304, "headers": {"etag": etag}, "body": "", "isBase64Encoded": False}
    response = json_response(body)
    response["headers"]["etag"] = etag
    return response


def _shown_or_failed(decision: Decision) -> dict[str, Any]:
    """One that cannot be decided takes none of the others with it."""
    try:
        return shown(decision)
    except FlagBroken as error:
        return {"key": decision.key, **_said(error)}


def _metadata(decision: Decision) -> dict[str, str]:
    """OFREP knows texts, numbers and booleans there, and neither lists nor null."""
    found = {"kind": decision.kind, "rule": decision.rule}
    if decision.until is not None:
        found["until"] = decision.until.isoformat()
    if decision.lifts:
        found["lifts"] = ", ".join(decision.lifts)
    return found


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _said(error: ApiError) -> dict[str, str]:
    code = next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), GENERAL)
    return {"errorCode": code, "errorDetails": error.detail}
