"""What a request should be answered: from the permission that its route needs by its name, never from what it does."""

from collections.abc import Container, Iterable, Mapping
from http import HTTPStatus

from freehold.permissions import Access, Permission
from local.reference import PERMISSIONS
from proof.http.operations import PLACE, Operation
from proof.http.principals import Principal

NAMED: Mapping[str, Permission] = {permission.name: permission for permission in PERMISSIONS}
OTHERWISE: Mapping[str, str] = {
    "POST /v1/jobs/{job_id}/retry": "jobs:retry",
    "POST /v1/reports": "activity:read",
    "GET /v1/jobs/{job_id}/result": "activity:read",
    "GET /v1/permissions": "roles:read",
    "GET /v1/plans": "tenant:read",
    "GET /v1/projects/{project_id}/grants": "projects:share",
    "PUT /v1/projects/{project_id}/grants/{member_id}": "projects:share",
    "DELETE /v1/projects/{project_id}/grants/{member_id}": "projects:share",
    **dict.fromkeys(
        (
            "POST /v1/members/{member_id}/make-owner",
            "POST /v1/members/{member_id}/break-glass",
            "DELETE /v1/members/{member_id}/break-glass",
        ),
        "tenant:own",
    ),
    "POST /v1/members/me/leave": "tenant:read",
    **dict.fromkeys(("GET /v1/invitations", "GET /v1/invitations/{invitation_id}"), "members:read"),
    **dict.fromkeys(
        (
            "POST /v1/invitations",
            "POST /v1/invitations/import",
            "POST /v1/invitations/{invitation_id}/resend",
            "DELETE /v1/invitations/{invitation_id}",
        ),
        "members:invite",
    ),
    "GET /v1/scim-tokens": "scim:read",
    "GET /v1/groups": "members:read",
    **dict.fromkeys(
        ("POST /v1/scim-tokens", "DELETE /v1/scim-tokens/{scim_token_id}", "PUT /v1/groups/{group_id}"), "scim:write"
    ),
    **dict.fromkeys(
        (
            "GET /v1/sso-connections",
            "GET /v1/sso-connections/{connection_id}",
            "GET /v1/domains",
            "GET /v1/domains/{domain_id}",
        ),
        "sso:read",
    ),
    **dict.fromkeys(
        (
            "POST /v1/sso-connections",
            "PATCH /v1/sso-connections/{connection_id}",
            "DELETE /v1/sso-connections/{connection_id}",
            "POST /v1/domains",
            "DELETE /v1/domains/{domain_id}",
            "POST /v1/domains/{domain_id}/verify",
        ),
        "sso:write",
    ),
    **dict.fromkeys(("POST /ofrep/v1/evaluate/flags", "POST /ofrep/v1/evaluate/flags/{key}"), "decisions:read"),
    "GET /v1/operator-visits": "operators:read",
    "POST /v1/operator-visits/{visit_id}/end": "operators:write",
    **dict.fromkeys(
        (
            "GET /v1/webhook-endpoints",
            "GET /v1/webhook-endpoints/{endpoint_id}",
            "GET /v1/webhook-deliveries",
            "GET /v1/webhook-deliveries/{delivery_id}",
            "GET /v1/event-types",
        ),
        "webhooks:read",
    ),
    **dict.fromkeys(
        (
            "POST /v1/webhook-endpoints",
            "PATCH /v1/webhook-endpoints/{endpoint_id}",
            "DELETE /v1/webhook-endpoints/{endpoint_id}",
            "POST /v1/webhook-endpoints/{endpoint_id}/rotate-secret",
            "POST /v1/webhook-endpoints/{endpoint_id}/enable",
            "POST /v1/webhook-endpoints/{endpoint_id}/test",
            "POST /v1/webhook-endpoints/{endpoint_id}/replay",
            "POST /v1/webhook-deliveries/{delivery_id}/replay",
        ),
        "webhooks:write",
    ),
}
"""Routes that need another permission than their path and method say, each reviewed: `"POST /v1/search": "…:read"`."""
BY_SECRET = ("POST /v1/invitations/accept",)
"""Routes of visitors that take what was mailed, which nobody here has: to each person that is as absent as none."""
BY_SIGNATURE = ("POST /stripe/webhooks",)
"""Routes that take what somebody else than our users has signed."""
SIGN_IN = "POST /v1/sign-ins"
"""For those alone whom a tenant's own provider vouches for."""
FOR_FEW = (*BY_SECRET, SIGN_IN)
LEAVE = "POST /v1/members/me/leave"
PAYING = "GET /v1/billing/requests/{job_id}"
"""May say where to pay, which is nothing for operators."""
VERBS: Mapping[str, tuple[str, ...]] = {"GET": ("read",), "HEAD": ("read",), "DELETE": ("delete", "write")}
LEVELS = list(Access)
PROVISION = "scim:provision"
DESCRIBED = ("/scim/v2/ServiceProviderConfig", "/scim/v2/ResourceTypes", "/scim/v2/Schemas")
"""What is the same for everybody, and asks no database."""
GOOD = range(200, 300)
REFUSED = range(400, 500)


def permission_of(operation: Operation) -> Permission | None:
    """`DELETE /v1/api-keys/{id}` needs `api_keys:delete`, or `api_keys:write` where that is none. None fits: None."""
    if operation.route in OTHERWISE:
        return NAMED[OTHERWISE[operation.route]]
    resources = [part.replace("-", "_") for part in operation.path.split("/") if part and not PLACE.search(part)]
    for resource in reversed(resources):
        for verb in VERBS.get(operation.method, ("write",)):
            if found := NAMED.get(f"{resource}:{verb}"):
                return found
    return None


def expected(operation: Operation, principal: Principal) -> Container[int]:
    """The statuses that a request on something of one's own may have."""
    if operation.kind == "public":
        return (HTTPStatus.BAD_REQUEST,) if operation.route in BY_SIGNATURE else GOOD
    if operation.kind == "directory":
        return _provisioning(operation, principal)
    if principal.is_directory:
        return (HTTPStatus.FORBIDDEN,)
    if operation.kind == "visitor":
        return _visiting(principal, _usual(operation, principal))
    if principal.refused:
        return (principal.refused,)
    return _acting(operation, principal)


def _usual(operation: Operation, principal: Principal) -> Iterable[int]:
    """What a person is answered on a route that acts in no tenant."""
    if operation.route in BY_SECRET:
        return (HTTPStatus.NOT_FOUND,)
    bound = (operation.route == SIGN_IN) is not principal.is_vouched and operation.method == "POST"
    return (HTTPStatus.FORBIDDEN,) if bound else GOOD


def _visiting(principal: Principal, usual: Iterable[int]) -> Container[int]:
    """Any person may, whatever they are elsewhere. A key may not; whoever shows nothing is nobody.

    Who was let in once and whose session was ended can still begin anew.
    """
    if principal.is_key:
        return (HTTPStatus.FORBIDDEN,)
    if principal.refused == 401:  # noqa: PLR2004 (HTTP's)
        return (*usual, HTTPStatus.UNAUTHORIZED) if principal.holds else (HTTPStatus.UNAUTHORIZED,)
    return tuple(usual)


def _provisioning(operation: Operation, principal: Principal) -> Container[int]:
    """A directory may, in its tenant. People and keys are told that they are none."""
    if not principal.is_directory:
        nobody = principal.refused == 401 and not principal.holds  # noqa: PLR2004 (HTTP's)
        return (HTTPStatus.UNAUTHORIZED if nobody else HTTPStatus.FORBIDDEN,)
    if not operation.is_supported:
        return REFUSED
    if operation.path.startswith(DESCRIBED):
        return GOOD
    return (principal.refused,) if principal.refused else _acting(operation, principal)


def _acting(operation: Operation, principal: Principal) -> Container[int]:
    needed = NAMED[PROVISION] if operation.kind == "directory" else permission_of(operation)
    if needed is None:
        return range(GOOD.start, REFUSED.stop)
    if needed.name not in principal.holds or (principal.is_acting and operation.route == LEAVE):
        return (HTTPStatus.FORBIDDEN,)
    if principal.is_acting and operation.route == PAYING:
        return (HTTPStatus.NOT_FOUND,)
    if LEVELS.index(principal.home.access) < LEVELS.index(needed.needs):
        return (HTTPStatus.PAYMENT_REQUIRED,)
    return GOOD
