"""The Lambda authorizer: who is calling, and until when. Whether they may, the door decides.

API Gateway keeps its answer for a minute for each Authorization header. That is safe because nothing here grants
anything: revocation, membership and permission are checked in the database on every request.
"""

from typing import Any

from freehold import clock
from freehold.api_keys.secrets import PREFIX, read_key
from freehold.database import database
from freehold.errors import ApiError, Unauthenticated
from freehold.http.authorization import acting, api_key, bearer, person, person_of, refused, scim_token
from freehold.identity.jwks import TIMEOUT
from freehold.identity.service import Verifier
from freehold.observability import Observation, begun, is_cold, logger, observing
from freehold.operators.tokens import PREFIX as ACTING
from freehold.operators.tokens import read_token as read_acting
from freehold.releases import API, checked
from freehold.scim.tokens import PREFIX as SCIM_PREFIX
from freehold.scim.tokens import read_token
from freehold.settings import settings
from freehold.sso import queries
from freehold.sso.models import Registration
from freehold.sso.registry import LONGEST_LOOKUP, Registry, fetch_by
from freehold.webhooks.egress import Egress


def _registered(issuer: str) -> list[Registration]:
    clock.allow(LONGEST_LOOKUP)
    return database().outside(queries.issuers_of(issuer))


verifier = Verifier(settings().issuers)
registry = Registry(_registered, fetch=fetch_by(Egress(listeners=settings().webhook_listeners, seconds=TIMEOUT)))


@checked(API)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 (Lambda's)
    """API Gateway's simple response."""
    logger.thread_safe_clear_keys()  # of a function that shares the process, as all do on a laptop
    request_id = event.get("requestContext", {}).get("requestId", "")
    with observing(Observation(begun(context, request_id, principal="unknown", cold_start=is_cold()))):
        try:
            return {"isAuthorized": True, "context": _who(event)}
        except ApiError as error:
            logger.info("refused", code=error.code, reason=error.detail)
            return {"isAuthorized": True, "context": refused(error)}


def _who(event: dict[str, Any]) -> dict[str, Any]:
    token = bearer(event["headers"])
    if token is None:
        raise Unauthenticated
    if token.startswith(SCIM_PREFIX):
        read_token(token, settings().key_mode)
        return scim_token()
    if token.startswith(ACTING):
        read_acting(token, settings().key_mode)
        return acting()
    if token.startswith(PREFIX):
        read_key(token, settings().key_mode)
        return api_key()
    if verifier.has_issued(token):
        return person(verifier.verify(token))
    return person_of(*registry.verify(token))
