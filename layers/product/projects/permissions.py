"""What can be allowed on projects; each stands in the product's migration in the same words."""

from freehold.permissions import ADMINS, EVERYONE, WORKERS, Access, Permission

PROJECTS_READ = Permission(name="projects:read", description="See projects", held_by=EVERYONE, needs=Access.RESTRICTED)
PROJECTS_WRITE = Permission(
    name="projects:write", description="Create, change and archive projects", held_by=WORKERS, needs=Access.FULL
)
PROJECTS_DELETE = Permission(name="projects:delete", description="Delete projects", held_by=ADMINS, needs=Access.FULL)
