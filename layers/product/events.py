"""Every kind of event that there is, the platform's and the product's. A feature's own stand in its `events.py`."""

from freehold.api_keys import events as api_keys
from freehold.billing import announcements as billing
from freehold.grants import events as grants
from freehold.groups import events as groups
from freehold.invitations import events as invitations
from freehold.jobs import events as jobs
from freehold.members import events as members
from freehold.messaging.catalog import Catalog
from freehold.operators import events as operators
from freehold.roles import events as roles
from freehold.scim import events as scim
from freehold.sso import events as sso
from freehold.tenants import events as tenants
from freehold.webhooks import events as webhooks
from product.projects import events as projects

CATALOG = Catalog.of(
    tenants,
    api_keys,
    jobs,
    webhooks,
    projects,
    roles,
    grants,
    members,
    invitations,
    sso,
    groups,
    scim,
    operators,
    billing,
)
