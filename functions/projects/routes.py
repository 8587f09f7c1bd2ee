"""/v1/projects."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from freehold.grants import service as grants
from freehold.grants.models import Grant, GrantedRole
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.etags import RequiredIfMatch, etag
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from freehold.ids import MemberId
from product.projects import service
from product.projects.models import NewProject, Project, ProjectChange, ProjectId, Status
from product.projects.permissions import SHARED

router = APIRouter(prefix="/v1/projects", tags=["Projects"])


@router.post("", status_code=201, summary="Create a project")
async def create(new: NewProject, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Project:
    """In the tenant that the request acts in."""
    return _shown(unpack(service.create(db, caller, new, once), response), response)


@router.get("", response_model=Page[Project], summary="List projects")
async def list_all(
    caller: CurrentCaller, db: Db, page: WantedPage, status: Annotated[Status, Query()] = Status.ACTIVE
) -> Response:
    """Newest first."""
    return json_page(service.read_page(db, caller, status, page.limit, page.cursor))


@router.get("/{project_id}", summary="Read a project")
async def read(project_id: ProjectId, caller: CurrentCaller, db: Db, response: Response) -> Project:
    """One project."""
    return _shown(service.read(db, caller, project_id), response)


@router.patch("/{project_id}", summary="Change a project")
async def change(
    project_id: ProjectId,
    wanted: ProjectChange,
    caller: CurrentCaller,
    db: Db,
    if_match: RequiredIfMatch,
    response: Response,
) -> Project:
    """What is left out stays as it is."""
    return _shown(service.change(db, caller, project_id, wanted, if_match), response)


@router.post("/{project_id}/archive", summary="Archive a project")
async def archive(
    project_id: ProjectId, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response
) -> Project:
    """It leaves the list of active projects; nothing else changes."""
    return _shown(unpack(service.archive(db, caller, project_id, once), response), response)


@router.delete("/{project_id}", status_code=204, summary="Delete a project")
async def delete(project_id: ProjectId, caller: CurrentCaller, db: Db) -> None:
    """For good."""
    service.delete(db, caller, project_id)


@router.get("/{project_id}/grants", response_model=Page[Grant], summary="List who was granted a project")
async def list_grants(project_id: ProjectId, caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first. Members who see all projects by their role are not among them."""
    return json_page(grants.read_page(db, caller, SHARED, project_id, page.limit, page.cursor))


@router.put("/{project_id}/grants/{member_id}", summary="Grant a project to a member")
async def grant(
    project_id: ProjectId, member_id: MemberId, wanted: GrantedRole, caller: CurrentCaller, db: Db
) -> Grant:
    """A role on this project, in place of the one that they had on it before; no more than you hold there yourself."""
    return grants.give(db, caller, SHARED, project_id, member_id, wanted)


@router.delete("/{project_id}/grants/{member_id}", status_code=204, summary="Take a grant of a project back")
async def take_grant(project_id: ProjectId, member_id: MemberId, caller: CurrentCaller, db: Db) -> None:
    """What their role in the tenant gives them, they keep."""
    grants.take(db, caller, SHARED, project_id, member_id)


def _shown(project: Project, response: Response) -> Project:
    response.headers["ETag"] = etag(project.version)
    return project
