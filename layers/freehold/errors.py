"""Every error a caller can meet: a name, a status, a stable machine-readable code and one sentence.

    ApiError                         500 internal_error
    ├── BadRequest                   400 malformed_request
    │   ├── ContextRefused           400 context_refused
    │   ├── FlagBroken               400 flag_broken
    │   ├── SignatureRefused         400 signature_refused
    │   └── TenantRequired           400 tenant_required
    ├── Unauthenticated              401 unauthenticated
    │   ├── SessionEnded             401 session_ended
    │   ├── ActingEnded              401 acting_ended
    │   ├── ApiKeyRefused            401 api_key_refused
    │   └── ScimTokenRefused         401 scim_token_refused
    ├── TenantRestricted             402 tenant_restricted
    │   └── TenantSuspended          402 tenant_suspended
    ├── PaymentDue                   402 payment_due
    ├── FeatureNotIncluded           402 feature_not_included
    │   └── FeatureWithheld          402 feature_withheld
    ├── LimitReached                 402 limit_reached
    ├── NotAvailable                 403 not_available
    ├── PermissionDenied             403 permission_denied
    │   ├── ScimTokenRequired        403 scim_token_required
    │   ├── ScimTokenMisplaced       403 scim_token_misplaced
    │   ├── NotAMember               403 not_a_member
    │   ├── TenantMismatch           403 tenant_mismatch
    │   ├── PersonRequired           403 person_required
    │   ├── SsoRequired              403 sso_required
    │   ├── MfaRequired              403 mfa_required
    │   ├── SupportRefused           403 support_refused
    │   ├── ExceedsYours             403 exceeds_yours
    │   ├── ScopesExceedYours        403 scopes_exceed_yours
    │   ├── InvitationForAnother     403 invitation_for_another
    │   ├── NotLinked                403 not_linked
    │   ├── EventMisplaced           403 event_misplaced
    │   └── EventsExceedYours        403 events_exceed_yours
    ├── NotFound                     404 not_found
    │   ├── InvitationGone           404 invitation_gone
    │   ├── PreviewGone              404 preview_gone
    │   └── UnknownFlag              404 unknown_flag
    ├── MethodNotAllowed             405 method_not_allowed
    ├── Conflict                     409 conflict
    │   ├── AlreadyExists            409 already_exists
    │   ├── StillReferenced          409 still_referenced
    │   ├── LastOwner                409 last_owner
    │   ├── AlreadyAMember           409 already_a_member
    │   ├── IssuerTaken              409 issuer_taken
    │   ├── DomainTaken              409 domain_taken
    │   ├── SsoNotReady              409 sso_not_ready
    │   ├── BreakGlassUnfit          409 break_glass_unfit
    │   ├── TooManyEndpoints         409 too_many_endpoints
    │   ├── TooManyRoles             409 too_many_roles
    │   ├── TooManyGrants            409 too_many_grants
    │   ├── JobOver                  409 job_over
    │   ├── JobNotOver               409 job_not_over
    │   ├── ReportNotReady           409 report_not_ready
    │   ├── AlreadySubscribed        409 already_subscribed
    │   ├── NotSubscribed            409 not_subscribed
    │   ├── ResumeFirst              409 resume_first
    │   ├── CustomerTaken            409 customer_taken
    │   ├── FlagArchived             409 flag_archived
    │   ├── FlagChanged              409 flag_changed
    │   └── IdempotencyInFlight      409 idempotency_in_flight
    ├── PreconditionFailed           412 precondition_failed
    ├── PayloadTooLarge              413 payload_too_large
    ├── UnsupportedMediaType         415 unsupported_media_type
    ├── InvalidInput                 422 invalid_input
    │   ├── ReasonRequired           422 reason_required
    │   ├── GrantUnfit               422 grant_unfit
    │   ├── UntilOver                422 until_over
    │   ├── OverrideUnfit            422 override_unfit
    │   ├── FlagKeyTaken             422 flag_key_taken
    │   ├── FlagNamesSomebody        422 flag_names_somebody
    │   ├── FlagTooLong              422 flag_too_long
    │   ├── NoSuchVariant            422 no_such_variant
    │   ├── OperatorUnfit            422 operator_unfit
    │   ├── PromotionCodeRefused     422 promotion_code_refused
    │   ├── PageRefused              422 page_refused
    │   ├── ReferenceNotFound        422 reference_not_found
    │   ├── UnknownPermission        422 unknown_permission
    │   └── IdempotencyMismatch      422 idempotency_mismatch
    ├── PreconditionRequired         428 precondition_required
    ├── BacklogFull                  429 backlog_full
    ├── AskedTooOften                429 asked_too_often
    ├── RateLimited                  429 rate_limited
    ├── PaymentsRefused              502 payments_refused
    └── Unavailable                  503 unavailable
        ├── Busy                     503 busy
        ├── IssuerUnavailable        503 issuer_unavailable
        ├── OutcomeUnknown           503 outcome_unknown
        ├── PaymentsNotSetUp         503 payments_not_set_up
        ├── PaymentsUnavailable      503 payments_unavailable
        └── TenantMoved              503 tenant_moved

The docstring of a class is the sentence that its callers read, unless the place that raises it knows a better one.
"""

from typing import Any, ClassVar

NOTHING_MORE = (
    "You have as much of this as you may have. Removing some makes room, where it can be removed."
    " Nothing that is sold gives more: write to us if you need it."
)


class ApiError(Exception):
    """Something went wrong on our side. Try again; if it stays, tell us the request_id."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    headers: ClassVar[dict[str, str]] = {}
    rule: ClassVar[str] = ""
    """What has decided, where something was refused that is allowed to others: each 402, 403 and 429 names it."""

    def __init__(self, detail: str | None = None, **members: Any) -> None:  # noqa: ANN401 (RFC 9457 extension members)
        self.detail = detail or type(self).sentence()
        self.members = members
        super().__init__(self.detail)

    @classmethod
    def sentence(cls) -> str:
        """What a caller reads unless the place that raises knows better."""
        return " ".join((cls.__doc__ or "").split())


class BadRequest(ApiError):
    """The request could not be read."""

    status, code = 400, "malformed_request"


class TenantRequired(BadRequest):
    """Name your tenant in the Freehold-Tenant header. GET /v1/tenants lists yours, POST /v1/tenants makes one."""

    code = "tenant_required"


class ContextRefused(BadRequest):
    """The evaluation context cannot be used."""

    code = "context_refused"


class FlagBroken(BadRequest):
    """The definition of this flag cannot be used. Our team has to mend it: go on with a value of your own."""

    code = "flag_broken"


class SignatureRefused(BadRequest):
    """Nobody whom we know has signed this."""

    code = "signature_refused"


class Unauthenticated(ApiError):
    """Send a valid access token or API key as `Authorization: Bearer …`."""

    status, code = 401, "unauthenticated"
    headers: ClassVar = {"WWW-Authenticate": "Bearer"}


class SessionEnded(Unauthenticated):
    """This session was ended. Sign in again."""

    code = "session_ended"


class ApiKeyRefused(Unauthenticated):
    """This API key is unknown, expired or revoked."""

    code = "api_key_refused"


class ScimTokenRefused(Unauthenticated):
    """This SCIM token is unknown, expired or revoked."""

    code = "scim_token_refused"


class ActingEnded(Unauthenticated):
    """This operator's token is unknown or over: it expired, it was ended, or the tenant lets nobody act any more."""

    code = "acting_ended"


class TenantRestricted(ApiError):
    """This tenant is restricted: reading and paying work, changing does not.

    If GET /v1/billing shows nothing to pay, our team has restricted it: write to us.
    """

    status, code = 402, "tenant_restricted"
    rule = "access:restricted"


class TenantSuspended(TenantRestricted):
    """This tenant is suspended: paying works. Nothing is lost.

    If GET /v1/billing shows nothing to pay, our team has suspended it: write to us.
    """

    code = "tenant_suspended"
    rule = "access:suspended"


class PaymentDue(ApiError):
    """An invoice of yours is open. Pay it first: GET /v1/billing/invoices lists it."""

    status, code = 402, "payment_due"
    rule = "billing:open_invoice"


class FeatureNotIncluded(ApiError):
    """What you have does not include this. `lifts` says what does: GET /v1/plans, then POST /v1/billing/change."""

    status, code = 402, "feature_not_included"
    rule = "plan"


class FeatureWithheld(FeatureNotIncluded):
    """This is withheld until your open invoices are paid: POST /v1/billing/portal leads there. It is back at once."""

    code = "feature_withheld"
    rule = "dunning"


class LimitReached(ApiError):
    """You have as much of this as you may have. Removing some makes room, where it can be removed.

    What `lifts` names gives more: GET /v1/plans, then POST /v1/billing/change.
    """

    status, code = 402, "limit_reached"
    rule = "limit"

    def __init__(self, detail: str | None = None, **members: Any) -> None:  # noqa: ANN401 (RFC 9457 extension members)
        is_the_most = "lifts" in members and not members["lifts"]
        super().__init__(detail or (NOTHING_MORE if is_the_most else None), **members)

    def to_who_is_not_in_yet(self) -> "LimitReached":
        """The same for somebody who wants to come in: they cannot buy anything there, nor see what there is."""
        return LimitReached(
            "This tenant has as many members as its plan allows. Ask one of its admins for a seat, then try again.",
            limit=self.members.get("limit"),
            rule=f"limit:{self.members.get('limit')}",
        )


class NotAvailable(ApiError):
    """This is not available to you now: a flag says so."""

    status, code = 403, "not_available"
    rule = "flag"


class PermissionDenied(ApiError):
    """You lack the permission for this."""

    status, code = 403, "permission_denied"
    rule = "permission"


class NotAMember(PermissionDenied):
    """You are not an active member of this tenant."""

    code = "not_a_member"
    rule = "membership"


class TenantMismatch(PermissionDenied):
    """Your API key or sign-in is for one tenant, and this is about another. Leave the Freehold-Tenant header out."""

    code = "tenant_mismatch"
    rule = "tenant"


class PersonRequired(PermissionDenied):
    """Only a signed-in person can do this: no API key, no directory, and no operator in their place."""

    code = "person_required"
    rule = "person"


class SsoRequired(PermissionDenied):
    """This tenant lets people in by its own identity provider only. Sign in there."""

    code = "sso_required"
    rule = "tenant:sso_required"


class MfaRequired(PermissionDenied):
    """This tenant asks for a second factor. Sign in with one."""

    code = "mfa_required"
    rule = "tenant:mfa_required"


class SupportRefused(PermissionDenied):
    """This tenant lets no operator act as its members."""

    code = "support_refused"
    rule = "tenant:support_access"


class ExceedsYours(PermissionDenied):
    """You can only give, change or take away what you hold yourself."""

    code = "exceeds_yours"
    rule = "power"


class ScimTokenRequired(PermissionDenied):
    """SCIM is spoken with a SCIM token, `fh_scim_…`, and nothing else. An admin makes one: POST /v1/scim-tokens."""

    code = "scim_token_required"
    rule = "credential:scim_token"


class ScimTokenMisplaced(PermissionDenied):
    """A SCIM token is good for /scim/v2, and for nothing else."""

    code = "scim_token_misplaced"
    rule = "credential:scim_token"


class InvitationForAnother(PermissionDenied):
    """This invitation is for another address than the one that your identity provider has verified."""

    code = "invitation_for_another"
    rule = "invitation:email"


class NotLinked(PermissionDenied):
    """Your provider cannot let you in as this member: whoever set it up holds less, or has left. Ask an owner."""

    code = "not_linked"
    rule = "sso:power"


class ScopesExceedYours(PermissionDenied):
    """You can only give scopes that exist and that you hold yourself."""

    code = "scopes_exceed_yours"
    rule = "power"


class EventsExceedYours(PermissionDenied):
    """You can only have events sent that you may see yourself. GET /v1/event-types says which permission each needs."""

    code = "events_exceed_yours"
    rule = "power"


class EventMisplaced(PermissionDenied):
    """This event is of another account or mode than what is paid here."""

    code = "event_misplaced"
    rule = "stripe:account"


class NotFound(ApiError):
    """There is no such thing here."""

    status, code = 404, "not_found"


class InvitationGone(NotFound):
    """This invitation is unknown, used, taken back or too old. Ask for another one."""

    code = "invitation_gone"


class PreviewGone(NotFound):
    """This preview is unknown, or older than an hour. Ask for another one."""

    code = "preview_gone"


class UnknownFlag(NotFound):
    """There is no flag, feature or limit with this key."""

    code = "unknown_flag"


class MethodNotAllowed(ApiError):
    """This address does not know that method."""

    status, code = 405, "method_not_allowed"


class Conflict(ApiError):
    """The request conflicts with what is stored."""

    status, code = 409, "conflict"


class AlreadyExists(Conflict):
    """Something with these unique values exists already."""

    code = "already_exists"


class StillReferenced(Conflict):
    """It is still in use: remove what refers to it first."""

    code = "still_referenced"


class LastOwner(Conflict):
    """A tenant always keeps an active owner. Make somebody else an owner first."""

    code = "last_owner"


class AlreadyAMember(Conflict):
    """This person belongs to this tenant already."""

    code = "already_a_member"


class IssuerTaken(Conflict):
    """Tokens of this issuer for this audience sign people in elsewhere. Use a client of your own at your provider."""

    code = "issuer_taken"


class DomainTaken(Conflict):
    """Another tenant has shown that this domain is its own."""

    code = "domain_taken"


class SsoNotReady(Conflict):
    """Requiring single sign-on takes a verified domain, an enabled connection and an active break-glass owner."""

    code = "sso_not_ready"


class BreakGlassUnfit(Conflict):
    """Only an active owner who does not sign in by the tenant's own provider can come in when that is broken."""

    code = "break_glass_unfit"


class JobOver(Conflict):
    """This job is over: it cannot be canceled any more."""

    code = "job_over"


class JobNotOver(Conflict):
    """Only a job that has failed or was canceled can be run again."""

    code = "job_not_over"


class ReportNotReady(Conflict):
    """The report is not written. Its job says how far it is, or why it failed."""

    code = "report_not_ready"


class AlreadySubscribed(Conflict):
    """You have a subscription already. Change it: POST /v1/billing/change."""

    code = "already_subscribed"


class NotSubscribed(Conflict):
    """There is no subscription that this could be about. POST /v1/billing/checkout begins one."""

    code = "not_subscribed"


class ResumeFirst(Conflict):
    """Something else is decided about your subscription. Take that back first: POST /v1/billing/resume."""

    code = "resume_first"


class CustomerTaken(Conflict):
    """Your account at our payment provider is linked otherwise. Try again in a minute; if it stays so, write to us."""

    code = "customer_taken"
    headers: ClassVar = {"Retry-After": "60"}


class FlagArchived(Conflict):
    """This flag is archived. Bring it back first: `freehold flags on` or `freehold flags off`."""

    code = "flag_archived"


class FlagChanged(Conflict):
    """The flag is another than you have seen: somebody has changed it meanwhile. Look at it, then change it again."""

    code = "flag_changed"


class IdempotencyInFlight(Conflict):
    """A request with this Idempotency-Key is still running. Try again in a moment."""

    code = "idempotency_in_flight"
    headers: ClassVar = {"Retry-After": "1"}


class TooManyEndpoints(Conflict):
    """This tenant has as many webhook endpoints as it may, 20 as a rule. Delete one that is not used any more."""

    code = "too_many_endpoints"


class TooManyRoles(Conflict):
    """This tenant has 100 roles of its own, which is the most. Delete one that nobody has any more."""

    code = "too_many_roles"


class TooManyGrants(Conflict):
    """This member has 1,000 grants, which is the most. Give them a role in the whole tenant, or take grants back."""

    code = "too_many_grants"


class PreconditionFailed(ApiError):
    """It has changed since you read it. Read it again and send its new ETag in If-Match."""

    status, code = 412, "precondition_failed"


class PayloadTooLarge(ApiError):
    """The request body is larger than 1 MiB."""

    status, code = 413, "payload_too_large"


class UnsupportedMediaType(ApiError):
    """Send the body as `Content-Type: application/json`."""

    status, code = 415, "unsupported_media_type"


class InvalidInput(ApiError):
    """The request was understood, but some of its values cannot be accepted: see `errors`."""

    status, code = 422, "invalid_input"


class ReasonRequired(InvalidInput):
    """Say why in ten characters or more: the tenant reads it."""

    code = "reason_required"


class GrantUnfit(InvalidInput):
    """What is given has an end: later than now, and within 400 days."""

    code = "grant_unfit"


class UntilOver(InvalidInput):
    """This end is over already: name a later one, or none."""

    code = "until_over"


class OverrideUnfit(InvalidInput):
    """What is agreed names a plan, a feature, a limit of 0 or more, or a rate of 1 or more."""

    code = "override_unfit"


class FlagKeyTaken(InvalidInput):
    """The plans have a feature or a limit of this key, and one key has one answer. Call the flag something else."""

    code = "flag_key_taken"


class FlagNamesSomebody(InvalidInput):
    """A flag names no tenant and no member by id: everybody's process reads it. Use `freehold flags target` for one."""

    code = "flag_names_somebody"


class FlagTooLong(InvalidInput):
    """The flag is longer than 65,536 characters as JSON: take values out of its rules."""

    code = "flag_too_long"


class NoSuchVariant(InvalidInput):
    """The flag has no such variant: `freehold flags show` lists those that it has."""

    code = "no_such_variant"


class OperatorUnfit(InvalidInput):
    """An operator's name is letters, digits and . _ @ + = , - and at most 100 of them."""

    code = "operator_unfit"


class PromotionCodeRefused(InvalidInput):
    """This promotion code is unknown, used up, over, or not for this."""

    code = "promotion_code_refused"


class PageRefused(InvalidInput):
    """The way back leads to a page of this product alone: a path like /billing, or its whole address."""

    code = "page_refused"


class ReferenceNotFound(InvalidInput):
    """The request names something that does not exist here."""

    code = "reference_not_found"


class UnknownPermission(InvalidInput):
    """This names a permission that does not exist. GET /v1/permissions lists those that do."""

    code = "unknown_permission"


class IdempotencyMismatch(InvalidInput):
    """This Idempotency-Key was used before with another request. Use a new key for a new request."""

    code = "idempotency_mismatch"


class PreconditionRequired(ApiError):
    """Send the ETag of the version that you read in If-Match, so that nobody's change is overwritten."""

    status, code = 428, "precondition_required"


class BacklogFull(ApiError):
    """As many jobs of this class as your plan allows are waiting already. Try again when some of them are done."""

    status, code = 429, "backlog_full"
    rule = "backlog"
    headers: ClassVar = {"Retry-After": "60"}


class AskedTooOften(ApiError):
    """Your tenant has asked our payment provider 30 times in ten minutes, which is the most. Try again in some time."""

    status, code = 429, "asked_too_often"
    rule = "budget:payments"
    headers: ClassVar = {"Retry-After": "60"}


class RateLimited(ApiError):
    """Your tenant asks more often than its plan allows. Try again after the seconds that Retry-After says."""

    status, code = 429, "rate_limited"
    rule = "rate"
    headers: ClassVar = {"Retry-After": "1"}


class PaymentsRefused(ApiError):
    """Our payment provider refuses this. Nothing was charged, and we have been told: write to us if it stays so."""

    status, code = 502, "payments_refused"


class Unavailable(ApiError):
    """The database cannot be reached right now. Nothing was changed; please try again."""

    status, code = 503, "unavailable"
    headers: ClassVar = {"Retry-After": "1"}


class Busy(Unavailable):
    """This took too long and was given up. Nothing was changed; please try again."""

    code = "busy"


class IssuerUnavailable(Unavailable):
    """Your identity provider cannot be reached to check your access token. Please try again in a minute."""

    code = "issuer_unavailable"
    headers: ClassVar = {"Retry-After": "60"}


class OutcomeUnknown(Unavailable):
    """The connection was lost before the answer: it may be done. Repeat it with its Idempotency-Key, or look first."""

    code = "outcome_unknown"


class PaymentsNotSetUp(Unavailable):
    """Nobody has connected this stage to a Stripe account yet: its operators have to."""

    code = "payments_not_set_up"
    headers: ClassVar = {"Retry-After": "60"}


class PaymentsUnavailable(Unavailable):
    """Our payment provider does not answer right now. Nothing was charged; repeat it with its Idempotency-Key."""

    code = "payments_unavailable"
    headers: ClassVar = {"Retry-After": "5"}


class TenantMoved(Unavailable):
    """This tenant is moving to another place. Please try again in a moment."""

    code = "tenant_moved"
