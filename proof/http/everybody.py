"""Everybody who can send a request, made through the API where the API can make them."""

import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from freehold.ids import TenantId
from freehold.operators.tokens import hash_of, new_token
from freehold.permissions import Role
from local.errors import LocalError
from proof.http.expected import PROVISION
from proof.http.forgeries import another_secret, forged_tokens, of_another_tenant
from proof.http.operations import Operation
from proof.http.principals import EVERY_PERMISSION, READING, Principal, Tenant, held_by
from proof.http.world import World

HOUR = 3600  # seconds
OF_MEMBER = "update app.members set {} where tenant_id = %(tenant_id)s and subject = %(subject)s"
NOT_WHILE_ACTING = {
    *("tenant:own", "tenant:write", "members:write", "members:invite", "roles:write", "api_keys:write"),
    *("webhooks:write", "operators:write", "projects:share", "sso:write", "scim:write", "billing:write", "usage:write"),
}
"""What gives power, goes on without whoever did it, or is billed for good."""
OF_DIRECTORY = "update app.scim_tokens set {} where tenant_id = %(tenant_id)s and id = %(id)s"
OF_KEY = "update app.api_keys set {} where tenant_id = %(tenant_id)s and id = %(id)s"


def everybody(world: World) -> tuple[Principal, ...]:
    """Most of them act in B, or would like to. The owners come first: they are the control of all others."""
    return (
        *_owners(world),
        *_without_identity(world),
        *_members(world),
        *_of_both(world),
        *_keys(world),
        *_operators(world),
        *_directories(world),
        *_vouched(world),
    )


def _owners(world: World) -> Iterator[Principal]:
    owner = owner_of(world.b)
    yield replace(owner_of(world.a), name="owner of A")
    yield replace(owner, name="owner of B")
    yield replace(owner, name="owner of B, naming no tenant", headers={})
    yield replace(owner, name="owner of B, naming A", headers=world.a.headers, refused=403)
    yield replace(owner_of(world.c), name="owner of C, which is suspended")
    yield replace(owner_of(world.d), name="owner of D, which is restricted")


def owner_of(tenant: Tenant) -> Principal:
    """The one who may do everything there."""
    return Principal(
        name="owner",
        home=tenant,
        token=tenant.owner,
        headers=tenant.headers,
        holds=EVERY_PERMISSION,
        visits=frozenset({tenant.id}),
    )


def authority(world: World, operation: Operation, tenant: Tenant) -> Principal:
    """The one who may do everything that this operation does there."""
    return directory_of(world, tenant) if operation.kind == "directory" else owner_of(tenant)


def directory_of(world: World, tenant: Tenant) -> Principal:
    """The one through whom the tenant's people come and go."""
    return Principal(
        name="directory",
        home=tenant,
        token=world.directory(tenant),
        holds=frozenset({PROVISION}),
        is_directory=True,
    )


def _without_identity(world: World) -> Iterator[Principal]:
    nobody = Principal(name="nobody", home=world.b, headers=world.b.headers, refused=401)
    subject, expired = str(uuid.uuid4()), int(time.time()) - HOUR
    world.join(world.b, subject, Role.OWNER)
    elsewhere = "https://elsewhere.example.test"
    yield nobody
    yield replace(nobody, name="a garbage token", token="garbage.of.three")  # noqa: S106 (it is none)
    yield replace(nobody, name="an expired token", token=world.token("expired", subject, exp=expired))
    yield replace(nobody, name="a token of an unknown issuer", token=world.token("other", subject, iss=elsewhere))
    yield replace(nobody, name="a token for another audience", token=world.token("other", subject, aud="other"))
    for what, forged in forged_tokens(world.b.owner, world.stage.issuer.jwks()).items():
        yield replace(nobody, name=f"the token of B's owner {what}", token=forged)


def _members(world: World) -> Iterator[Principal]:
    for role in (Role.ADMIN, Role.MEMBER, Role.VIEWER):
        token, _ = _member(world, role)
        yield replace(owner_of(world.b), name=f"{role} of B", token=token, holds=held_by(role))
    for status in ("removed", "suspended"):
        token, subject = _member(world, Role.OWNER)
        world.rows.execute(world.b.id, OF_MEMBER.format("status = %(status)s"), subject=subject, status=status)
        yield replace(owner_of(world.b), name=f"a {status} member of B", token=token, refused=403, visits=frozenset())
    token, subject = _member(world, Role.OWNER)
    world.rows.execute(world.b.id, OF_MEMBER.format("sessions_ended_at = now() + interval '1 day'"), subject=subject)
    yield replace(
        owner_of(world.b), name="a member of B whose session was ended", token=token, refused=401, visits=frozenset()
    )


def _of_both(world: World) -> Iterator[Principal]:
    subject = str(uuid.uuid4())
    for tenant in (world.a, world.b):
        world.join(tenant, subject, Role.OWNER)
    token, both = world.token("both", subject), frozenset({world.a.id, world.b.id})
    yield replace(owner_of(world.b), name="owner of both, in B", token=token, visits=both)
    yield replace(owner_of(world.a), name="owner of both, in A", token=token, visits=both)
    in_b = replace(owner_of(world.b), token=token, visits=both)
    yield replace(in_b, name="owner of both, naming none", headers={}, refused=400)


def _keys(world: World) -> Iterator[Principal]:
    a, b = world.a, world.b
    _, secret = _key(world, a, EVERY_PERMISSION)
    yield _with_key(a, "key of A", secret)
    yield replace(_with_key(b, "key of A, naming B", secret), headers=b.headers, refused=403)
    key_id, secret = _key(world, b, EVERY_PERMISSION)
    yield _with_key(b, "write key of B", secret)
    yield replace(_with_key(b, "key of B, naming A", secret), headers=a.headers, refused=403)
    _, secret = _key(world, b, READING)
    yield replace(_with_key(b, "read key of B", secret), holds=READING)
    yield from _forged_keys(world, _key(world, b, EVERY_PERMISSION)[1])
    key_id, secret = _key(world, b, EVERY_PERMISSION)
    world.as_owner(b, "DELETE", f"/v1/api-keys/{key_id}")
    yield replace(_with_key(b, "a revoked key of B", secret), refused=401)
    key_id, secret = _key(world, b, EVERY_PERMISSION)
    world.rows.execute(b.id, OF_KEY.format("expires_at = now() - interval '1 hour'"), id=key_id)
    yield replace(_with_key(b, "an expired key of B", secret), refused=401)
    token, subject = _member(world, Role.OWNER)
    _, secret = _key(world, replace(b, owner=token), EVERY_PERMISSION)
    world.rows.execute(b.id, OF_MEMBER.format("status = 'removed'"), subject=subject)
    yield replace(_with_key(b, "a key of B whose maker was removed", secret), refused=401)


def _forged_keys(world: World, genuine: str) -> Iterator[Principal]:
    """They are well formed, and nobody made them."""
    a, b = world.a, world.b
    swapped = of_another_tenant(genuine, own=b.ref, other=a.ref)
    yield replace(_with_key(b, "a key of B with another secret", another_secret(genuine)), refused=401)
    yield replace(_with_key(b, "a key of B that says it is A's", swapped), refused=401)


def _operators(world: World) -> Iterator[Principal]:
    """Who act as the owner of B. Like keys they carry their tenant, and are no person who could sign up."""
    for name, ended in (("an operator acting as B's owner", False), ("an operator who has acted in B", True)):
        token = new_token(TenantId(UUID(world.b.id)), "test")
        world.let_act(world.b, hash_of(token), ended=ended)
        acting = replace(_with_key(world.b, name, token), holds=EVERY_PERMISSION - NOT_WHILE_ACTING, is_acting=True)
        yield replace(acting, refused=401) if ended else acting
        if not ended:
            yield replace(acting, name=f"{name}, naming A", headers=world.a.headers, refused=403)


def _directories(world: World) -> Iterator[Principal]:
    mine = directory_of(world, world.b)
    yield replace(directory_of(world, world.a), name="directory of A")
    yield replace(mine, name="directory of B")
    yield replace(mine, name="directory of B, naming A", headers=world.a.headers)
    yield replace(directory_of(world, world.c), name="directory of C, which is suspended")
    yield replace(directory_of(world, world.d), name="directory of D, which is restricted")
    for what, end in (("a revoked", "revoked_at = now()"), ("an expired", "expires_at = now() - interval '1 hour'")):
        token_id, token = world.connect(world.b)
        world.rows.execute(world.b.id, OF_DIRECTORY.format(end), id=token_id)
        yield replace(mine, name=f"{what} directory of B", token=token, refused=401)
    genuine = world.directory(world.b)
    swapped = of_another_tenant(genuine, own=world.b.ref, other=world.a.ref)
    yield replace(mine, name="a directory of B with another secret", token=another_secret(genuine), refused=401)
    yield replace(mine, name="a directory of B that says it is A's", token=swapped, refused=401)


def _vouched(world: World) -> Iterator[Principal]:
    """By B's own provider, as whom it likes: somebody of B, and the owner of A."""
    token = world.vouch(world.b, str(uuid.uuid4()))
    someone = replace(
        owner_of(world.b), name="somebody whom B's provider vouches for", token=token, headers={}, is_vouched=True
    )
    yield replace(someone, holds=held_by(Role.VIEWER))
    yield replace(someone, name=f"{someone.name}, naming A", headers=world.a.headers, refused=403)


def _with_key(tenant: Tenant, name: str, secret: str) -> Principal:
    return Principal(name=name, home=tenant, token=secret, holds=EVERY_PERMISSION, is_key=True)


def _member(world: World, role: Role) -> tuple[str, str]:
    subject = str(uuid.uuid4())
    world.join(world.b, subject, role)
    return world.token(f"{world.b.mark}-{role}", subject), subject


def _key(world: World, tenant: Tenant, scopes: Iterable[str]) -> tuple[str, str]:
    body = {"name": world.text(tenant), "scopes": sorted(scopes)}
    answer = world.as_owner(tenant, "POST", "/v1/api-keys", body=body).answer
    if answer.status != HTTPStatus.CREATED:
        raise LocalError(f"Nobody can make an API key, so none can be attacked with: {answer.body}")
    return answer.json["id"], answer.json["secret"]
