"""/v1/sso-connections, /v1/domains, /v1/sign-ins, and the owners who come in past them."""

from fastapi import APIRouter, Response

from freehold.http.dependencies import CurrentCaller, CurrentVisitor, Db
from freehold.http.etags import RequiredIfMatch, etag
from freehold.http.guards import requires
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.ids import MemberId
from freehold.jobs.models import Job
from freehold.settings import settings
from freehold.sso import service
from freehold.sso.models import (
    BreakGlass,
    Connection,
    ConnectionChange,
    ConnectionId,
    Domain,
    DomainId,
    NewConnection,
    NewDomain,
    SignedIn,
)

router = APIRouter(prefix="/v1", tags=["Single sign-on"])


@router.post("/sign-ins", summary="Sign in by your tenant's own identity provider")
async def sign_in(visitor: CurrentVisitor, db: Db, _once: IdempotencyKey) -> SignedIn:
    """Whoever comes for the first time becomes a member, if the connection and a verified domain say so.

    Signing in again answers the same member, with or without an Idempotency-Key.
    """
    return service.sign_in(db, visitor)


@router.post(
    "/sso-connections", status_code=201, summary="Connect an identity provider", dependencies=[requires("sso")]
)
async def connect(
    new: NewConnection, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Connection:
    """Its tokens for this audience are accepted in this tenant, and nowhere else."""
    return _shown(unpack(service.connect(db, caller, new, settings().issuers, once), response), response)


@router.get("/sso-connections", response_model=Page[Connection], summary="List connected identity providers")
async def list_connections(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first."""
    return json_page(service.read_connections(db, caller, page.limit, page.cursor))


@router.get("/sso-connections/{connection_id}", summary="Read a connected identity provider")
async def read_connection(connection_id: ConnectionId, caller: CurrentCaller, db: Db, response: Response) -> Connection:
    """One connection."""
    return _shown(service.read_connection(db, caller, connection_id), response)


@router.patch("/sso-connections/{connection_id}", summary="Change a connected identity provider")
async def change_connection(
    connection_id: ConnectionId,
    wanted: ConnectionChange,
    caller: CurrentCaller,
    db: Db,
    if_match: RequiredIfMatch,
    response: Response,
) -> Connection:
    """What is left out stays as it is. Whoever changes it answers for it from now on."""
    return _shown(service.change_connection(db, caller, connection_id, wanted, if_match), response)


@router.delete("/sso-connections/{connection_id}", status_code=204, summary="Disconnect an identity provider")
async def disconnect(connection_id: ConnectionId, caller: CurrentCaller, db: Db) -> None:
    """Within two minutes its tokens are refused."""
    service.disconnect(db, caller, connection_id)


@router.post("/domains", status_code=201, summary="Claim a domain")
async def claim(new: NewDomain, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Domain:
    """Set the TXT record that the answer names, then have it verified."""
    return _shown(unpack(service.claim(db, caller, new, once), response), response)


@router.get("/domains", response_model=Page[Domain], summary="List domains")
async def list_domains(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first."""
    return json_page(service.read_domains(db, caller, page.limit, page.cursor))


@router.get("/domains/{domain_id}", summary="Read a domain")
async def read_domain(domain_id: DomainId, caller: CurrentCaller, db: Db, response: Response) -> Domain:
    """One domain, and its record."""
    return _shown(service.read_domain(db, caller, domain_id), response)


@router.post("/domains/{domain_id}/verify", status_code=202, summary="Verify a domain")
async def verify(domain_id: DomainId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Job:
    """A job asks the DNS for the record, and asks again for a while where it is not there yet."""
    return unpack(service.verify(db, caller, domain_id, once), response)


@router.delete("/domains/{domain_id}", status_code=204, summary="Give up a domain")
async def give_up(domain_id: DomainId, caller: CurrentCaller, db: Db) -> None:
    """Whoever can show that it is theirs may have it. Members stay."""
    service.give_up(db, caller, domain_id)


@router.post("/members/{member_id}/break-glass", summary="Let an owner in past single sign-on")
async def break_glass(
    member_id: MemberId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> BreakGlass:
    """For the day on which the provider is broken. Only owners say so, and only of owners."""
    return unpack(service.break_glass(db, caller, member_id, once, allowed=True), response)


@router.delete("/members/{member_id}/break-glass", status_code=204, summary="Hold an owner to single sign-on again")
async def mend_glass(member_id: MemberId, caller: CurrentCaller, db: Db) -> None:
    """Refused for the last one where single sign-on is required."""
    service.break_glass(db, caller, member_id, None, allowed=False)


def _shown[S: Connection | Domain](shown: S, response: Response) -> S:
    response.headers["ETag"] = etag(shown.version)
    return shown
