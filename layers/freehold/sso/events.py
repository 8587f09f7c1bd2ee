"""What happens to connections, domains, and members who come by them."""

from freehold.members.models import Member
from freehold.messaging.events import EventType
from freehold.permissions import MEMBERS_READ, SSO_READ
from freehold.sso.models import BreakGlass, Connection, Domain

SSO_CONNECTION_CREATED = EventType(
    name="sso_connection.created",
    description="An identity provider was connected",
    data=Connection,
    permission=SSO_READ,
)
SSO_CONNECTION_CHANGED = EventType(
    name="sso_connection.changed",
    description="A connection to an identity provider was changed",
    data=Connection,
    permission=SSO_READ,
)
SSO_CONNECTION_DELETED = EventType(
    name="sso_connection.deleted",
    description="An identity provider was taken away, as its connection was at last",
    data=Connection,
    permission=SSO_READ,
)
DOMAIN_CREATED = EventType(name="domain.created", description="A domain was claimed", data=Domain, permission=SSO_READ)
DOMAIN_VERIFIED = EventType(
    name="domain.verified",
    description="The DNS has shown that a domain is the tenant's",
    data=Domain,
    permission=SSO_READ,
)
DOMAIN_DELETED = EventType(
    name="domain.deleted", description="A domain was given up, as it was at last", data=Domain, permission=SSO_READ
)
MEMBER_LINKED = EventType(
    name="member.linked",
    description="A member signs in by the tenant's own identity provider from now on",
    data=Member,
    permission=MEMBERS_READ,
)
MEMBER_BREAK_GLASS_CHANGED = EventType(
    name="member.break_glass_changed",
    description="An owner may come in past single sign-on, or no longer may",
    data=BreakGlass,
    permission=MEMBERS_READ,
)
