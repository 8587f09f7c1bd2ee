"""The FastAPI application of a route group: its routes, our errors, and nothing that a request could trip over."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from freehold.callers import AskAgain
from freehold.errors import ApiError, BadRequest, MethodNotAllowed, NotAMember, NotFound
from freehold.http.authorization import identity
from freehold.http.calling import only_tenants
from freehold.http.dialect import PLAIN, Dialect
from freehold.http.events import Event
from freehold.http.problems import Problem, invalid
from freehold.observability import logger

AGAIN = "freehold.again"
"""What stands in the event of a request that begins again."""
BY_STATUS: dict[int, type[ApiError]] = {400: BadRequest, 404: NotFound, 405: MethodNotAllowed}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "The request was refused; `code` says why."},
    "5XX": {"model": Problem, "description": "It failed on our side; `code` says whether to try again."},
}


def create_app(router: APIRouter, dialect: Dialect = PLAIN) -> FastAPI:
    """An application that writes every error in its dialect. Its OpenAPI document is merged, never served here."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, generate_unique_id_function=_operation_id)
    app.state.dialect = dialect
    app.include_router(router, responses=PROBLEMS)
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _unknown_address)
    app.add_exception_handler(AskAgain, _begin_again)
    app.add_exception_handler(Exception, _failed)
    for kind in dialect.also:
        app.add_exception_handler(kind, _said)
    return app


def _operation_id(route: APIRoute) -> str:
    """As in `projects_create`: the function's folder and the verb."""
    return f"{route.endpoint.__module__.split('.')[-2]}_{route.name}"


def problem(request: Request, error: ApiError) -> Response:
    """The error as an answer to this request."""
    dialect: Dialect = request.app.state.dialect
    rendered = dialect.render(error, request.scope["aws.event"]["requestContext"]["requestId"])
    return Response(rendered.body, rendered.status, rendered.headers)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 (FastAPI's signature is wider)
    if isinstance(error, NotAMember):
        only_tenants.forget(identity(Event(request.scope["aws.event"]).who))
    return problem(request, error)


async def _begin_again(request: Request, _error: Exception) -> Response:
    """Nobody sees this answer: whoever called the application asks it again."""
    request.scope["aws.event"][AGAIN] = True
    return Response()


async def _said(request: Request, error: Exception) -> Response:
    dialect: Dialect = request.app.state.dialect
    write = next(write for kind, write in dialect.also.items() if isinstance(error, kind))
    rendered = write(error)
    return Response(rendered.body, rendered.status, rendered.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    return problem(request, invalid(error.errors()))


async def _unknown_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return problem(request, BY_STATUS.get(error.status_code, ApiError)())


async def _failed(request: Request, error: Exception) -> Response:
    logger.error("unexpected error", exc_info=error)
    return problem(request, ApiError())
