"""The statements of projects."""

from typing import LiteralString
from uuid import UUID

from freehold.database import Query, Write, every, one, page, write
from freehold.reports.models import Span
from product.projects import events
from product.projects.models import NewProject, Project, ProjectId, ProjectRow, Status

COLUMNS: LiteralString = "id, name, description, archived_at, created_by, version, created_at, updated_at"
SHOWN: dict[Status, LiteralString] = {
    Status.ACTIVE: "and archived_at is null",
    Status.ARCHIVED: "and archived_at is not null",
    Status.ALL: "",
}


def projects(status: Status, limit: int, cursor: UUID) -> Query[bytes]:
    """A page of projects, newest first."""
    return page(
        f"select {COLUMNS} from app.projects"
        f" where tenant_id = %(tenant_id)s and id < %(cursor)s {SHOWN[status]} order by id desc",
        limit=limit,
        cursor=cursor,
    )


def projects_between(span: Span) -> Query[list[ProjectRow]]:
    """A page of a report, oldest first."""
    return every(
        ProjectRow,
        """
        select id, name, description, archived_at, created_by, created_at, updated_at
          from app.projects
         where tenant_id = %(tenant_id)s and id > %(after)s and id < %(before)s
         order by id limit %(limit)s
        """,
        after=span.after,
        before=span.before,
        limit=span.limit,
    )


def project(project_id: ProjectId) -> Query[Project]:
    """One project."""
    return one(
        Project, f"select {COLUMNS} from app.projects where tenant_id = %(tenant_id)s and id = %(id)s", id=project_id
    )


def lock_project(project_id: ProjectId) -> Query[Project]:
    """One project, held until the unit ends."""
    return one(
        Project,
        f"select {COLUMNS} from app.projects where tenant_id = %(tenant_id)s and id = %(id)s for update",
        id=project_id,
    )


def insert_project(new: NewProject) -> Write[Project]:
    """A new project."""
    return write(
        Project,
        """
        insert into app.projects (tenant_id, name, description)
        values (%(tenant_id)s, %(name)s, %(description)s)
        """,
        answer=COLUMNS,
        event=events.PROJECT_CREATED,
        name=new.name,
        description=new.description,
    )


def update_project(project: Project) -> Write[Project]:
    """The project as it should be from now on."""
    return write(
        Project,
        """
        update app.projects
           set name = %(name)s, description = %(description)s, version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s
        """,
        answer=COLUMNS,
        event=events.PROJECT_CHANGED,
        id=project.id,
        name=project.name,
        description=project.description,
    )


def archive_project(project_id: ProjectId) -> Write[Project]:
    """A project out of the way; archiving it again changes nothing."""
    return write(
        Project,
        """
        update app.projects
           set archived_at = now(), version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and archived_at is null
        """,
        unchanged="select * from app.projects where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=COLUMNS,
        event=events.PROJECT_ARCHIVED,
        id=project_id,
    )


def delete_project(project_id: ProjectId) -> Write[Project]:
    """A project gone for good; the audit trail keeps what it was."""
    return write(
        Project,
        "delete from app.projects where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=COLUMNS,
        event=events.PROJECT_DELETED,
        id=project_id,
    )
