"""/scim/v2."""

from fastapi import APIRouter, Response
from scim2_models import NotFoundException, NotImplementedException

from freehold.errors import MethodNotAllowed
from freehold.groups.models import GroupId
from freehold.http.dependencies import CurrentEvent, Db
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.scim import (
    CurrentDirectory,
    Document,
    IfMatch,
    Query,
    ResourceId,
    answer,
    listed,
    unconditional,
    unless_known,
    written,
)
from freehold.ids import MemberId
from freehold.scim import discovery, resources, service
from freehold.scim.asking import groups_asked, parameters, users_asked
from freehold.scim.openapi import GROUP, OBJECT, PAGE, PATCH, REFUSALS, RESOURCE, USER, gives, takes
from freehold.scim.resources import Group, User, show

router = APIRouter(prefix="/scim/v2", tags=["SCIM"], default_response_class=Response, responses=REFUSALS)
KNOWN = ("Users", "Groups", "ServiceProviderConfig", "ResourceTypes", "Schemas")
UNSUPPORTED = ("Bulk", ".search", "Me")


@router.get("/Users", summary="List people", responses=gives(PAGE))
async def list_users(directory: CurrentDirectory, db: Db, query: Query) -> Response:
    """RFC 7644 §3.4.2: filter, sortBy, sortOrder, startIndex, count, attributes, excludedAttributes."""
    asked, wanted = users_asked(query), parameters(User, query)
    page = service.list_users(db, directory, asked)
    people = [show(resources.user(row, directory.base), wanted).document for row in page.resources]
    return listed(people, total=page.total, start=asked.offset + 1)


@router.post(
    "/Users",
    status_code=201,
    summary="Make somebody a member",
    responses=gives(RESOURCE, 201),
    openapi_extra=takes(USER),
)
async def create_user(directory: CurrentDirectory, db: Db, document: Document, once: IdempotencyKey) -> Response:
    """RFC 7644 §3.3. They have the connection's default role until a group gives them another."""
    made = service.create_user(db, directory, document, once)
    response = answer(show(made.row), status=201)
    unpack(made, response)
    return response


@router.get("/Users/{resource_id}", summary="Read a person", responses=gives(RESOURCE))
async def read_user(
    resource_id: ResourceId, directory: CurrentDirectory, db: Db, query: Query, event: CurrentEvent
) -> Response:
    """RFC 7644 §3.4.1; with If-None-Match, 304 where nothing has changed."""
    wanted = parameters(User, query)
    person = service.read_user(db, directory, MemberId(resource_id))
    return unless_known(show(person, wanted), event)


@router.put(
    "/Users/{resource_id}",
    summary="Replace what is known of a person",
    responses=gives(RESOURCE),
    openapi_extra=takes(USER),
)
async def replace_user(
    resource_id: ResourceId, directory: CurrentDirectory, db: Db, document: Document, if_match: IfMatch
) -> Response:
    """RFC 7644 §3.5.1. Somebody who is not active any more is out from the next request on."""
    member_id, matches = MemberId(resource_id), if_match or unconditional
    return answer(show(service.replace_user(db, directory, member_id, document, matches)))


@router.patch("/Users/{resource_id}", summary="Change a person", responses=gives(RESOURCE), openapi_extra=takes(PATCH))
async def patch_user(
    resource_id: ResourceId, directory: CurrentDirectory, db: Db, document: Document, if_match: IfMatch
) -> Response:
    """RFC 7644 §3.5.2, as directories send it. Somebody who is not active any more is out from the next request on."""
    member_id, matches = MemberId(resource_id), if_match or unconditional
    return answer(show(service.patch_user(db, directory, member_id, document, matches)))


@router.delete("/Users/{resource_id}", status_code=204, summary="Remove a person")
async def delete_user(resource_id: ResourceId, directory: CurrentDirectory, db: Db, if_match: IfMatch) -> None:
    """RFC 7644 §3.6. Their sessions, API keys and invitations end with it."""
    service.delete_user(db, directory, MemberId(resource_id), if_match)


@router.get("/Groups", summary="List groups", responses=gives(PAGE))
async def list_groups(directory: CurrentDirectory, db: Db, query: Query) -> Response:
    """As with people; 20 make a page, or 100 with `excludedAttributes=members`."""
    asked, wanted = groups_asked(query), parameters(Group, query)
    page = service.list_groups(db, directory, asked)
    groups = [show(resources.group(row, directory.base), wanted).document for row in page.resources]
    return listed(groups, total=page.total, start=asked.offset + 1)


@router.post(
    "/Groups", status_code=201, summary="Make a group", responses=gives(RESOURCE, 201), openapi_extra=takes(GROUP)
)
async def create_group(directory: CurrentDirectory, db: Db, document: Document, once: IdempotencyKey) -> Response:
    """It confers no role until an admin gives it one: PUT /v1/groups/{group_id}."""
    made = service.create_group(db, directory, document, once)
    response = answer(show(made.row), status=201)
    unpack(made, response)
    return response


@router.get("/Groups/{resource_id}", summary="Read a group", responses=gives(RESOURCE))
async def read_group(
    resource_id: ResourceId, directory: CurrentDirectory, db: Db, query: Query, event: CurrentEvent
) -> Response:
    """With its members."""
    wanted = parameters(Group, query)
    group = service.read_group(db, directory, GroupId(resource_id))
    return unless_known(show(group, wanted), event)


@router.put("/Groups/{resource_id}", summary="Replace a group", responses=gives(RESOURCE), openapi_extra=takes(GROUP))
async def replace_group(
    resource_id: ResourceId, directory: CurrentDirectory, db: Db, document: Document, if_match: IfMatch
) -> Response:
    """At most 1,000 members; more than that by PATCH."""
    group_id, matches = GroupId(resource_id), if_match or unconditional
    return answer(show(service.replace_group(db, directory, group_id, document, matches)))


@router.patch("/Groups/{resource_id}", summary="Change a group", responses=gives(RESOURCE), openapi_extra=takes(PATCH))
async def patch_group(
    resource_id: ResourceId, directory: CurrentDirectory, db: Db, document: Document, if_match: IfMatch
) -> Response:
    """At most 1,000 members in a request, added or removed."""
    group_id, matches = GroupId(resource_id), if_match or unconditional
    return answer(show(service.patch_group(db, directory, group_id, document, matches)))


@router.delete("/Groups/{resource_id}", status_code=204, summary="Remove a group")
async def delete_group(resource_id: ResourceId, directory: CurrentDirectory, db: Db, if_match: IfMatch) -> None:
    """Its members stay members, with the role that is left to them."""
    service.delete_group(db, directory, GroupId(resource_id), if_match)


@router.get("/ServiceProviderConfig", summary="Say what SCIM can do here", responses=gives(OBJECT))
async def provider(directory: CurrentDirectory) -> Response:
    """RFC 7643 §5."""
    return written(discovery.provider(directory.base))


@router.get("/ResourceTypes", summary="List the kinds of resources", responses=gives(PAGE))
async def resource_types(directory: CurrentDirectory) -> Response:
    """RFC 7643 §6."""
    found = list(discovery.resource_types(directory.base).values())
    return listed(found, total=len(found))


@router.get("/ResourceTypes/{name}", summary="Read a kind of resource", responses=gives(OBJECT))
async def resource_type(name: str, directory: CurrentDirectory) -> Response:
    """`User` or `Group`."""
    found = discovery.resource_types(directory.base).get(name)
    if found is None:
        raise NotFoundException(detail="There are two kinds of resources here, User and Group.")
    return written(found)


@router.get("/Schemas", summary="List the schemas", responses=gives(PAGE))
async def schemas(directory: CurrentDirectory) -> Response:
    """RFC 7643 §7."""
    found = list(discovery.schemas(directory.base).values())
    return listed(found, total=len(found))


@router.get("/Schemas/{urn}", summary="Read a schema", responses=gives(OBJECT))
async def schema(urn: str, directory: CurrentDirectory) -> Response:
    """Which attributes a resource has."""
    found = discovery.schemas(directory.base).get(urn)
    if found is None:
        raise NotFoundException(detail="There is no such schema here: GET /scim/v2/Schemas lists them.")
    return written(found)


@router.get("/{endpoint}", name="no_such_get", summary="Say that there is no such endpoint")
@router.put("/{endpoint}", name="no_such_put", summary="Say that there is no such endpoint")
@router.patch("/{endpoint}", name="no_such_patch", summary="Say that there is no such endpoint")
@router.delete("/{endpoint}", name="no_such_delete", summary="Say that there is no such endpoint")
async def no_such(endpoint: str, _directory: CurrentDirectory) -> Response:
    """What is not there, and what is not supported, in SCIM's own words."""
    return _refuse(endpoint)


@router.post("/{endpoint}", summary="Say that there is no such endpoint, or no bulk")
async def no_bulk(endpoint: str, _directory: CurrentDirectory, _once: IdempotencyKey) -> Response:
    """Bulk operations and searching by POST are not supported, as ServiceProviderConfig says."""
    return _refuse(endpoint)


def _refuse(endpoint: str) -> Response:
    if endpoint in KNOWN:
        raise MethodNotAllowed
    if endpoint in UNSUPPORTED:
        raise NotImplementedException(detail=f"{endpoint} is not supported here: send each request by itself.")
    raise NotFoundException(detail="There is no such endpoint here: Users and Groups are.")
