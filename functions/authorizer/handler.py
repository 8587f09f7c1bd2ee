"""The Lambda authorizer: who is calling, and until when. Whether they may, the door decides.

API Gateway keeps its answer for a minute for each Authorization header. That is safe because nothing here grants
anything: revocation, membership and permission are checked in the database on every request.
"""

from typing import Any

from freehold.api_keys.secrets import PREFIX, read_key
from freehold.errors import ApiError, Unauthenticated
from freehold.http.authorization import acting, api_key, bearer, person, refused
from freehold.identity.service import Verifier
from freehold.observability import logger
from freehold.operators.tokens import PREFIX as ACTING
from freehold.operators.tokens import read_token
from freehold.settings import settings

verifier = Verifier(settings().issuers)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:  # noqa: ANN401 (Lambda's)
    """API Gateway's simple response."""
    logger.thread_safe_clear_keys()  # of a function that shares the process, as all do on a laptop
    try:
        return {"isAuthorized": True, "context": _who(event)}
    except ApiError as error:
        logger.info("refused", code=error.code, reason=error.detail)
        return {"isAuthorized": True, "context": refused(error)}


def _who(event: dict[str, Any]) -> dict[str, Any]:
    token = bearer(event["headers"])
    if token is None:
        raise Unauthenticated
    if token.startswith(ACTING):
        read_token(token, settings().key_mode)
        return acting()
    if token.startswith(PREFIX):
        read_key(token, settings().key_mode)
        return api_key()
    return person(verifier.verify(token))
