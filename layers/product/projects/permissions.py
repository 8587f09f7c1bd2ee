"""What can be allowed on projects; each stands in the product's migration in the same words."""

from typing import Final

from freehold.grants.models import Resource
from freehold.permissions import ADMINS, EVERYONE, WORKERS, Access, Permission

TABLE: Final = "projects"

PROJECTS_READ = Permission(
    name="projects:read", description="See projects", held_by=EVERYONE, needs=Access.RESTRICTED, resource=TABLE
)
PROJECTS_WRITE = Permission(
    name="projects:write",
    description="Create, change and archive projects",
    held_by=WORKERS,
    needs=Access.FULL,
    resource=TABLE,
)
PROJECTS_DELETE = Permission(
    name="projects:delete", description="Delete projects", held_by=ADMINS, needs=Access.FULL, resource=TABLE
)
PROJECTS_SHARE = Permission(
    name="projects:share",
    description="Decide who may do what with a project",
    held_by=ADMINS,
    needs=Access.FULL,
    resource=TABLE,
)

SHARED = Resource(table=TABLE, share=PROJECTS_SHARE)
"""What grants on single projects are."""
