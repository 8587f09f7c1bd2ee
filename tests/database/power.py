"""Every path by which power is given, changed or taken. A feature that adds one adds a line to `SQL` or to `HTTP`.

What is given is a role. `SQL` holds statements as the API's database role could send them, whatever the code above
asks; `HTTP` holds requests, with the permission that their route needs. Each does something with one thing or person
that has that role, or is to have it.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from freehold.permissions import Role
from local.companies import Company, Person
from local.gateway import Answer
from local.reference import PERMISSIONS

ANY = {"If-Match": "*"}
CUSTOM: Mapping[str, tuple[str, ...]] = {
    "lead": ("tenant:read", "projects:read", "projects:write", "projects:share", "roles:read", "roles:write"),
    "office": ("tenant:read", "members:read", "members:invite", "members:write", "api_keys:read", "api_keys:write"),
}
HELD: Mapping[str, frozenset[str]] = {
    **{role.value: frozenset(p.name for p in PERMISSIONS if role in p.held_by) for role in Role},
    **{name: frozenset(permissions) for name, permissions in CUSTOM.items()},
}
"""What each role of the matrix holds, by its name here."""

ROLE = "role = %(role)s, custom_role = %(custom_role)s"
NO_ROLE = "role = 'guest', custom_role = null"
ANSWERED_FOR = "invited_by = current_setting('app.member_id')::uuid"
SQL: Mapping[str, str] = {
    "a member's role": f"update app.members set {ROLE} where id = %(other)s",
    "one's own role": f"update app.members set {ROLE} where id = %(me)s",
    "the roles of several at once": f"update app.members set {ROLE} where id in (%(me)s, %(other)s)",
    "a member's role, lowered": f"update app.members set {NO_ROLE} where id = %(holder)s",
    "a member, back": "update app.members set status = 'active' where id = %(left)s",
    "a member, suspended": "update app.members set status = 'suspended' where id = %(holder)s",
    "a member, removed": "update app.members set status = 'removed' where id = %(holder)s",
    "a member's sessions": "update app.members set sessions_ended_at = 'infinity' where id = %(holder)s",
    "an invitation": "insert into app.invitations (email, role, custom_role)"
    " values ('new@example.test', %(role)s, %(custom_role)s)",
    "an invitation's role": f"update app.invitations set {ROLE}, {ANSWERED_FOR} where id = %(invitation)s",
    "an invitation's role, lowered": f"update app.invitations set {NO_ROLE}, {ANSWERED_FOR} where id = %(invited)s",
    "an invitation, back": f"update app.invitations set status = 'pending', {ANSWERED_FOR} where id = %(revoked)s",
    "an invitation, for longer": "update app.invitations set expires_at = now() + interval '1 year',"
    f" {ANSWERED_FOR} where id = %(invited)s",
    "a grant": "insert into app.grants (member_id, resource, resource_id, role, custom_role)"
    " values (%(other)s, 'projects', %(project)s, %(role)s, %(custom_role)s)",
    "a grant to oneself": "insert into app.grants (member_id, resource, resource_id, role, custom_role)"
    " values (%(me)s, 'projects', %(project)s, %(role)s, %(custom_role)s)",
    "a grant's role": f"update app.grants set {ROLE} where id = %(grant)s",
    "a grant's role, lowered": f"update app.grants set {NO_ROLE} where id = %(granted)s",
    "a grant, taken": "delete from app.grants where id = %(granted)s",
    "a role": "insert into app.roles (name, permissions) values ('New', %(permissions)s)",
    "a role's permissions": "update app.roles set permissions = %(permissions)s where id = %(empty)s",
    "a role's permissions, taken": "update app.roles set permissions = '{}' where id = %(alike)s",
    "a role, deleted": "delete from app.roles where id = %(alike)s",
    "an API key": "insert into app.api_keys (name, scopes, secret_hash, hint)"
    " values ('K', %(permissions)s, '\\x01', 'h')",
    "an API key's secret": "update app.api_keys set secret_hash = '\\x02',"
    " created_by = current_setting('app.member_id')::uuid where id = %(key)s",
    "a provider's default role": "insert into app.sso_connections (issuer, audience, role, custom_role, jit, status)"
    " values ('https://a.example.test', 'a', %(role)s, %(custom_role)s, true, 'enabled')",
    "a directory's default role": "insert into app.scim_tokens (name, role, custom_role, token_hash, hint)"
    " values ('D', %(role)s, %(custom_role)s, '\\x03', 'h')",
    "a group's role": f"update app.groups set {ROLE} where id = %(group)s",
}
BELOW_OWNER = ("a provider's default role", "a directory's default role", "a group's role")
"""By which nobody becomes an owner, whoever says so."""


@dataclass(frozen=True, slots=True)
class Given:
    """A role of the matrix, as one company has it."""

    name: str
    ref: str
    """As the API names it."""

    @property
    def permissions(self) -> list[str]:
        """What it holds."""
        return sorted(HELD[self.name])


@dataclass(frozen=True, slots=True)
class Path:
    """A request about a role that is given, by somebody who needs a permission for it."""

    needs: str
    send: Callable[[Company, Person, Given], Answer]
    refused: tuple[int, ...] = (403,)
    """What it may be answered."""


def _grant(company: Company, actor: Person, given: Given) -> Answer:
    path = f"/v1/projects/{company.project()['id']}/grants/{company.member_id(company.owner)}"
    return company.call_as(actor, "PUT", path, body={"role": given.ref})


def _granted(company: Company, actor: Person, given: Given, method: str, body: object = None) -> Answer:
    path = f"/v1/projects/{company.project()['id']}/grants/{company.member_id(company.owner)}"
    company.call("PUT", path, body={"role": given.ref})
    return company.call_as(actor, method, path, body=body)


def _member(company: Company, actor: Person, given: Given, action: str) -> Answer:
    path = f"/v1/members/{company.member_id(company.member(given.ref))}"
    if action == "reactivate":
        company.call("POST", f"{path}/suspend")
    return company.call_as(actor, "POST" if action else "DELETE", f"{path}/{action}" if action else path)


def _changed(company: Company, actor: Person, given: Given) -> Answer:
    path = f"/v1/members/{company.member_id(company.member('guest'))}"
    return company.call_as(actor, "PATCH", path, body={"role": given.ref}, headers=ANY)


def _invitee(given: Given) -> dict[str, str]:
    return {"email": f"{uuid.uuid4()}@example.test", "role": given.ref}


def _invited(company: Company, actor: Person, given: Given) -> Answer:
    return company.call_as(actor, "POST", "/v1/invitations", body=_invitee(given))


def _many_invited(company: Company, actor: Person, given: Given) -> Answer:
    items = [{**_invitee(given), "role": "guest"}, _invitee(given)]
    return company.call_as(actor, "POST", "/v1/invitations/import", body={"items": items})


def _sent_again(company: Company, actor: Person, given: Given) -> Answer:
    made = company.call("POST", "/v1/invitations", body=_invitee(given)).json["id"]
    return company.call_as(actor, "POST", f"/v1/invitations/{made}/resend")


def _provider(company: Company, actor: Person, given: Given) -> Answer:
    wanted = {"issuer": f"https://{uuid.uuid4()}.example.test", "audience": "a", "default_role": given.ref}
    return company.call_as(actor, "POST", "/v1/sso-connections", body=wanted)


def _directory(company: Company, actor: Person, given: Given) -> Answer:
    return company.call_as(actor, "POST", "/v1/scim-tokens", body={"name": "D", "default_role": given.ref})


def _group(company: Company, actor: Person, given: Given) -> Answer:
    columns = "insert into app.groups (display_name) values (gen_random_uuid()::text) returning id"
    [[group]] = company.execute(columns)
    return company.call_as(actor, "PUT", f"/v1/groups/{group}", body={"role": given.ref})


def _role(company: Company, actor: Person, given: Given) -> Answer:
    answer = company.call_as(actor, "POST", "/v1/roles", body={"name": "New", "permissions": given.permissions})
    if answer.status == HTTPStatus.CREATED:
        company.call("DELETE", f"/v1/roles/{answer.json['id']}")  # the tenant has a hundred at the most
    return answer


def _made_role(company: Company, actor: Person, before: list[str], method: str, body: object = None) -> Answer:
    path = f"/v1/roles/{company.role(*before, name='Made')}"
    answer = company.call_as(actor, method, path, body=body, headers=ANY)
    company.call("DELETE", path)
    return answer


def _key(company: Company, actor: Person, given: Given) -> Answer:
    return company.call_as(actor, "POST", "/v1/api-keys", body={"name": "K", "scopes": given.permissions})


def _rotated(company: Company, actor: Person, given: Given) -> Answer:
    return company.call_as(actor, "POST", f"/v1/api-keys/{company.key(*given.permissions)['id']}/rotate")


HTTP: Mapping[str, Path] = {
    "a member's role": Path("members:write", _changed),
    "a member, suspended": Path("members:write", partial(_member, action="suspend")),
    "a member, back": Path("members:write", partial(_member, action="reactivate")),
    "a member's sessions": Path("members:write", partial(_member, action="end-sessions")),
    "a member, removed": Path("members:write", partial(_member, action="")),
    "an invitation": Path("members:invite", _invited),
    "several invitations": Path("members:invite", _many_invited),
    "an invitation, for longer": Path("members:invite", _sent_again),
    "a provider's default role": Path("sso:write", _provider, (403, 422)),
    "a directory's default role": Path("scim:write", _directory, (403, 422)),
    "a group's role": Path("scim:write", _group, (403, 422)),
    "a grant": Path("projects:share", _grant),
    "a grant's role, lowered": Path("projects:share", lambda c, a, g: _granted(c, a, g, "PUT", {"role": "guest"})),
    "a grant, taken": Path("projects:share", lambda c, a, g: _granted(c, a, g, "DELETE")),
    "a role": Path("roles:write", _role),
    "a role's permissions": Path(
        "roles:write", lambda c, a, g: _made_role(c, a, [], "PATCH", {"permissions": g.permissions})
    ),
    "a role's permissions, taken": Path(
        "roles:write", lambda c, a, g: _made_role(c, a, g.permissions, "PATCH", {"permissions": []})
    ),
    "a role, deleted": Path("roles:write", lambda c, a, g: _made_role(c, a, g.permissions, "DELETE")),
    "an API key": Path("api_keys:write", _key),
    "an API key's secret": Path("api_keys:write", _rotated, (403, 404)),
}
