"""The frame around every HTTP function, FastAPI or lean.

It checks the event before anything reads it, answers every error as a problem, and logs one line a request.
"""

from collections.abc import Callable
from typing import Any

from freehold import clock
from freehold.callers import AskAgain
from freehold.errors import ApiError, Busy
from freehold.http import observed, tolls
from freehold.http.dialect import PLAIN, Dialect
from freehold.http.events import Event
from freehold.observability import logger, observing
from freehold.releases import API, checked

type Response = dict[str, Any]
type Handler = Callable[[dict[str, Any], Any], Response]

ON_EVERY_ANSWER = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
TO_ANSWER = 1.0  # seconds
TRIES = 4


def framed(respond: Callable[[Event, Any], Response], dialect: Dialect = PLAIN) -> Handler:
    """A handler that answers every request, whatever `respond` meets."""

    @checked(API)
    def handler(raw: dict[str, Any], context: Any) -> Response:  # noqa: ANN401 (Lambda's)
        event = Event(raw)
        clock.allow(clock.left(context) - TO_ANSWER)
        logger.thread_safe_clear_keys()
        request = observed.opened(event, context)
        with observing(request.seen):
            toll = tolls.opened(event)
            response = _answer(event, context, respond, dialect)
            response["headers"] = {**response["headers"], **ON_EVERY_ANSWER, **_ids(event), **toll.headers()}
            request.answered(response["statusCode"])
        return response

    return handler


def _answer(event: Event, context: Any, respond: Callable[[Event, Any], Response], dialect: Dialect) -> Response:  # noqa: ANN401
    try:
        event.check(dialect.reads, unread=dialect.unread)
        return _decided(event, context, respond)
    except ApiError as error:
        return _problem(error, event, dialect)
    except Exception:  # noqa: BLE001 (the last one: whatever it is, the caller gets an answer)
        logger.exception("unexpected error")
        return _problem(ApiError(), event, dialect)


def _decided(event: Event, context: Any, respond: Callable[[Event, Any], Response]) -> Response:  # noqa: ANN401
    """The answer by what holds: where it was decided by what does no more, nothing happened, and it begins again."""
    for _ in range(TRIES):
        try:
            return respond(event, context)
        except AskAgain:
            continue
    raise Busy("What your tenant may do is being changed right now. Nothing was changed by you; please try again.")


def _problem(error: ApiError, event: Event, dialect: Dialect) -> Response:
    rendered = dialect.render(error, event.request_id)
    headers = {name.lower(): value for name, value in rendered.headers.items()}
    return {
        "statusCode": rendered.status,
        "headers": headers,
        "body": rendered.body.decode(),
        "isBase64Encoded": False,
    }


def _ids(event: Event) -> dict[str, str]:
    return {"x-request-id": event.request_id, "x-correlation-id": event.correlation_id}
