"""The attack on power: giving, changing and taking what one does not hold, and seeing what one was not granted.

Each probe is tried as an owner, who may, and then by the same person as less: an admin, or a guest with one grant.
"""

from collections.abc import Iterator

from proof.database.sides import Probe, Side

ABOVE = "tenant:own"
"""What an owner holds, and an admin does not."""
TO_GIVE = {
    "a member's role": "update app.members set role = 'viewer' where id = {other}",
    "an invitation": "insert into app.invitations (email, role) values ('power@example.test', 'owner')",
    "a grant": "insert into app.grants (member_id, resource, resource_id, role)"
    " values ({other}, 'projects', uuidv7(), 'owner')",
    "a role": f"insert into app.roles (name, permissions) values ('Power', '{{{{{ABOVE}}}}}')",
    "an API key": "insert into app.api_keys (name, scopes, secret_hash, hint)"
    f" values ('Power', '{{{{{ABOVE}}}}}', '\\x09', 'hint')",
}
LOOK = "select 1 / (count(*) - 1) from app.projects"
"""An error where there is one project to see."""


def probes(us: Side) -> Iterator[Probe]:
    """Within one tenant."""
    other = (
        f"(select id from app.members where tenant_id = '{us.tenant.id}' and id <> '{us.member}' order by id limit 1)"
    )
    for what, sql in TO_GIVE.items():
        giving = (us.enter(), sql.format(other=other))
        yield Probe(f"giving or taking {what} above one's own", giving, giving, us.set_member("role = 'admin'"))
    leaving = (us.enter(), us.set_member("role = 'viewer'"))
    yield Probe("leaving a tenant without an owner", leaving, leaving, _alone(us))
    looking = (us.enter(permission="projects:read"), LOOK)
    yield Probe("seeing what was not granted", looking, looking, _granted(us))


def _alone(us: Side) -> str:
    return f"update app.members set role = 'viewer' where tenant_id = '{us.tenant.id}' and id <> '{us.member}'"


def _granted(us: Side) -> str:
    """Makes the person a guest who was granted one project."""
    granted = f"(select id from app.projects where tenant_id = '{us.tenant.id}' order by id limit 1)"
    columns = "tenant_id, member_id, resource, resource_id, role, created_by"
    values = f"'{us.tenant.id}', '{us.member}', 'projects', {granted}, 'viewer', '{us.member}'"
    return f"with g as (insert into app.grants ({columns}) values ({values})) {us.set_member("role = 'guest'")}"
