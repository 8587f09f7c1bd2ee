"""What can be done with projects."""

from uuid import UUID

from freehold.database import Answer, Caller, Database, Remembered
from freehold.errors import PreconditionFailed
from freehold.fields import IfMatch
from product.projects import permissions, queries
from product.projects.models import NewProject, Project, ProjectChange, ProjectId, Status


def create(db: Database, caller: Caller, new: NewProject, once: Remembered | None) -> Answer[Project]:
    """A new project."""
    return db.run(caller, permissions.PROJECTS_WRITE, queries.insert_project(new), once=once)


def read(db: Database, caller: Caller, project_id: ProjectId) -> Project:
    """One project."""
    return db.one(caller, permissions.PROJECTS_READ.or_granted, queries.project(project_id))


def read_page(db: Database, caller: Caller, status: Status, limit: int, cursor: UUID) -> bytes:
    """A page of projects as JSON."""
    return db.one(caller, permissions.PROJECTS_READ.or_granted, queries.projects(status, limit, cursor))


def change(db: Database, caller: Caller, project_id: ProjectId, wanted: ProjectChange, if_match: IfMatch) -> Project:
    """The project, changed. Raises PreconditionFailed when somebody else changed it first."""
    with db.transaction(caller, permissions.PROJECTS_WRITE.or_granted) as tx:
        current = tx.get(queries.lock_project(project_id))
        if not if_match.matches(current.version):
            raise PreconditionFailed
        desired = current.model_copy(update=wanted.model_dump(exclude_none=True))
        changed = tx.put(queries.update_project(desired)) if desired != current else None
    return changed.value if changed else current


def archive(db: Database, caller: Caller, project_id: ProjectId, once: Remembered | None) -> Answer[Project]:
    """The project, out of the way."""
    return db.run(caller, permissions.PROJECTS_WRITE.or_granted, queries.archive_project(project_id), once=once)


def delete(db: Database, caller: Caller, project_id: ProjectId) -> None:
    """Remove the project."""
    db.run(caller, permissions.PROJECTS_DELETE.or_granted, queries.delete_project(project_id))
