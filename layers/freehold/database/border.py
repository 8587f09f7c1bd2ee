"""Where the database's errors become ours; the states that the door raises are in its migration."""

import json
from collections.abc import Callable
from enum import Enum
from typing import Any

import psycopg

from freehold import errors

REPLAY = "FH208"
REFERENCE = "23503"
ON_INSERT = "insert or update on table"
"""How 23503 begins where something named is absent; where something is still in use, it says `update or delete`."""
REFUSALS: dict[str, type[errors.ApiError]] = {
    "not_a_member": errors.NotAMember,
    "session_ended": errors.SessionEnded,
    "api_key_refused": errors.ApiKeyRefused,
    "tenant_restricted": errors.TenantRestricted,
    "tenant_suspended": errors.TenantSuspended,
    "idempotency_in_flight": errors.IdempotencyInFlight,
    "idempotency_mismatch": errors.IdempotencyMismatch,
    "sso_required": errors.SsoRequired,
    "mfa_required": errors.MfaRequired,
    "exceeds_yours": errors.ExceedsYours,
    "invitation_for_another": errors.InvitationForAnother,
    "invitation_gone": errors.InvitationGone,
    "last_owner": errors.LastOwner,
    "already_a_member": errors.AlreadyAMember,
    "not_linked": errors.NotLinked,
    "issuer_taken": errors.IssuerTaken,
    "domain_taken": errors.DomainTaken,
    "sso_not_ready": errors.SsoNotReady,
    "break_glass_unfit": errors.BreakGlassUnfit,
    "events_exceed_yours": errors.EventsExceedYours,
    "scim_token_refused": errors.ScimTokenRefused,
    "reason_required": errors.ReasonRequired,
    "support_refused": errors.SupportRefused,
    "no_such_member": errors.NotFound,
    "acting_ended": errors.ActingEnded,
    "too_many_endpoints": errors.TooManyEndpoints,
    "backlog_full": errors.BacklogFull,
    "customer_taken": errors.CustomerTaken,
    "until_unfit": errors.GrantUnfit,
    "until_over": errors.UntilOver,
    "override_unfit": errors.OverrideUnfit,
    "operator_unfit": errors.OperatorUnfit,
    "flag_changed": errors.FlagChanged,
    "flag_archived": errors.FlagArchived,
    "flag_key_taken": errors.FlagKeyTaken,
    "flag_names_somebody": errors.FlagNamesSomebody,
    "flag_too_long": errors.FlagTooLong,
    "unknown_flag": errors.UnknownFlag,
    "no_such_variant": errors.NoSuchVariant,
    "too_many_roles": errors.TooManyRoles,
    "too_many_grants": errors.TooManyGrants,
}
TOLD: dict[str, Callable[[str], errors.ApiError]] = {
    "permission_denied": lambda detail: errors.PermissionDenied(
        f"You lack the permission {detail}.", permission=detail
    ),
    "limit_reached": lambda detail: errors.LimitReached(**json.loads(detail)),
}
"""Those of which the database says more than that."""
STATES: dict[str, type[errors.ApiError]] = {
    "23505": errors.AlreadyExists,
    "23P01": errors.AlreadyExists,
    REFERENCE: errors.StillReferenced,
    "23001": errors.StillReferenced,  # what `on delete restrict` says since PostgreSQL 18
    "23514": errors.Conflict,
    "40001": errors.Busy,  # serialization failure
    "40P01": errors.Busy,  # deadlock
    "55P03": errors.Busy,  # lock timeout
    "57014": errors.Busy,  # statement timeout
}
OURS = ("FH401", "FH402", "FH403", "FH404", "FH409", "FH422", "FH425")
OUTSIDE_THE_GRANT = 'policy "tenant_granted"'
"""How the database says that a unit which some grants let in would have made what was not granted."""
OWN_IDENTITY = "_own_identity"
"""How the constraints are called that bind an identity of a tenant's own provider to that tenant."""
UNSET = {"42704": '"app.tenant_id"', "22P02": 'type uuid: ""'}
"""How a tenant table says that no tenant is entered: on a fresh connection, and on one that was used before."""
HUNG_UP = ("57P01", "57P02", "57P03", "57P05", "25P03", "25P04")
"""The server closes the connection and says so: it shuts down, or something idled or lasted for too long."""


class Replay(Exception):
    """This Idempotency-Key has its answer stored."""


class TenantGone(Exception):
    """The tenant that a message names is not there any more, or never was."""


class LeaseLost(Exception):
    """The job was handed to somebody else, or taken away. Nothing of this unit happened."""


class DecisionsStale(Exception):
    """What a request was decided by holds no more, and nothing of its unit happened; `facts` is what holds now."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.facts = facts
        super().__init__("decisions_stale")


GONE: dict[str, type[Exception]] = {
    "tenant_gone": TenantGone,
    "lease_lost": LeaseLost,
    "decisions_stale": DecisionsStale,
}


class RunAgain(Exception):
    """Nothing happened, and the unit may run again; `reason` is what its caller hears when it may not."""

    def __init__(self, reason: errors.ApiError, *, epoch: int | None = None) -> None:
        self.reason, self.epoch = reason, epoch
        super().__init__(reason.code)


class NestedUnit(Exception):
    """A unit of work was begun inside another one. Give its statement to the outer one: tx.get or tx.put."""


class NoUnitOfWork(Exception):
    """A tenant table was touched outside a unit of work. Go through Database.one, run or transaction."""


class Outcome(Enum):
    """What became of a unit of work after an error."""

    REFUSED = "the server answered with an error, and the connection lives"
    NOTHING_HAPPENED = "the connection died, and nothing can have been committed"
    UNKNOWN = "the connection died after COMMIT was sent"


def translate(error: psycopg.Error, outcome: Outcome) -> Exception:
    """Our error for the database's; the error itself when it can only be a mistake of ours."""
    match outcome:
        case Outcome.NOTHING_HAPPENED:
            return RunAgain(errors.Unavailable())
        case Outcome.UNKNOWN:
            return errors.OutcomeUnknown()
        case Outcome.REFUSED:
            return _refusal(error)


def connection_lost(error: psycopg.Error) -> bool:
    """Whether the connection is gone, rather than the statement refused."""
    state = error.sqlstate or ""
    return state in HUNG_UP or (isinstance(error, psycopg.OperationalError) and (not state or state.startswith("08")))


def _refusal(error: psycopg.Error) -> Exception:  # noqa: PLR0911 (a table of states, with three that need a look)
    state, message, detail = error.sqlstate or "", error.diag.message_primary or "", error.diag.message_detail or ""
    if state == REPLAY:
        return Replay()
    if message == "tenant_moved":
        return RunAgain(errors.TenantMoved(), epoch=int(detail))
    if message in GONE:
        return GONE[message](*([json.loads(detail)] if detail else []))
    if state in OURS and message in TOLD:
        return TOLD[message](detail)
    if state in OURS and message in REFUSALS:
        return REFUSALS[message]()
    if (error.diag.constraint_name or "").endswith(OWN_IDENTITY):
        return errors.TenantMismatch()
    if OUTSIDE_THE_GRANT in message:
        return errors.PermissionDenied()
    if state == REFERENCE and message.startswith(ON_INSERT):
        return errors.ReferenceNotFound()
    if state in UNSET and UNSET[state] in message:
        return NoUnitOfWork(NoUnitOfWork.__doc__)
    return STATES[state]() if state in STATES else error
