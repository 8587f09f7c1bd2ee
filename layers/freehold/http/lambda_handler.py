"""From the routes of a group to its Lambda handler: FastAPI behind Mangum, inside the frame."""

import asyncio
import threading
from typing import Any

from fastapi import APIRouter
from mangum import Mangum

from freehold.callers import AskAgain
from freehold.http.app import AGAIN, create_app
from freehold.http.dialect import PLAIN, Dialect
from freehold.http.events import Event
from freehold.http.frame import Handler, Response, framed
from freehold.http.problems import MEDIA_TYPE
from freehold.http.warm import open_connection

TEXT = [MEDIA_TYPE, "application/json", "application/scim+json", "text/"]
_this_thread = threading.local()


def serve(router: APIRouter, dialect: Dialect = PLAIN) -> Handler:
    """The handler of a route group. Opens the database connection now, while nobody waits."""
    _give_this_thread_a_loop()
    gateway = Mangum(create_app(router, dialect), lifespan="off", text_mime_types=TEXT)
    open_connection()

    def respond(event: Event, context: Any) -> Response:  # noqa: ANN401 (Lambda's)
        _give_this_thread_a_loop()
        raw = dict(event.raw)
        response = gateway(raw, context)
        if AGAIN in raw:
            raise AskAgain
        return response

    return framed(respond, dialect)


def _give_this_thread_a_loop() -> None:
    """Mangum runs on the thread's event loop and does not make one."""
    if not hasattr(_this_thread, "loop"):
        _this_thread.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(_this_thread.loop)
