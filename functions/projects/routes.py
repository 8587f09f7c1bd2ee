"""/v1/projects."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.etags import RequiredIfMatch, etag
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import Page, WantedPage, json_page
from product.projects import service
from product.projects.models import NewProject, Project, ProjectChange, ProjectId, Status

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


def _shown(project: Project, response: Response) -> Project:
    response.headers["ETag"] = etag(project.version)
    return project
