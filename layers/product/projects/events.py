"""What happens to projects."""

from freehold.messaging.events import EventType
from product.projects.models import Project
from product.projects.permissions import PROJECTS_READ

PROJECT_CREATED = EventType(
    name="project.created", description="A project was created", data=Project, permission=PROJECTS_READ
)
PROJECT_CHANGED = EventType(
    name="project.changed",
    description="A project got another name or description",
    data=Project,
    permission=PROJECTS_READ,
)
PROJECT_ARCHIVED = EventType(
    name="project.archived", description="A project was put away", data=Project, permission=PROJECTS_READ
)
PROJECT_DELETED = EventType(
    name="project.deleted",
    description="A project was deleted, as it was at last",
    data=Project,
    permission=PROJECTS_READ,
)
