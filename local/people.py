"""The demonstration's part about people: invited, shared with, signed in by their own provider, and taken out again."""

import re
from typing import Any

from local.cloud import Cloud
from local.companies import superuser
from local.postgres import SUPERUSER
from local.story import Company, Story

ANY_VERSION = {"If-Match": "*"}


def tell(story: Story, cloud: Cloud, acme: Company, globex: Company) -> None:
    """The story, chapter by chapter."""
    bob = invite(story, cloud, acme)
    share(story, cloud, acme)
    sign_in(story, cloud, acme, globex)
    deprovision(story, acme, bob)


def invite(story: Story, cloud: Cloud, acme: Company) -> str:
    """By mail, once, for one address; bob's token."""
    story.chapter("Acme invites bob")
    wanted = {"email": "bob@acme.test", "role": "member"}
    made = story.expect("alice invites him", 201, "POST", "/v1/invitations", acme.token, json=wanted)
    story.check("… and sees no token", "inv_" not in str(made))
    link = story.until("a mail brings him one", lambda: _invited(cloud, "bob@acme.test"))
    token, body = cloud.issuer.token_for("bob@acme.test"), {"json": {"token": link or ""}}
    gary = cloud.issuer.token_for("gary@globex.test")
    story.expect("gary, who got hold of it, is refused", 403, "POST", "/v1/invitations/accept", gary, **body)
    story.expect("bob accepts", 200, "POST", "/v1/invitations/accept", token, **body)
    story.expect("… and sees Acme's projects", 200, "GET", "/v1/projects", token)
    above = {"json": {"email": "eve@acme.test", "role": "owner"}}
    story.expect("he invites nobody", 403, "POST", "/v1/invitations", token, **above)
    return token


def share(story: Story, cloud: Cloud, acme: Company) -> None:
    """A role of Acme's own, and one project for a guest."""
    story.chapter("Acme shares one project with a guest")
    role = {"name": "Auditor", "permissions": ["tenant:read", "projects:read"]}
    made = story.expect("alice makes a role", 201, "POST", "/v1/roles", acme.token, json=role)
    story.check("… with what she chose", sorted(made.get("permissions", [])) == sorted(role["permissions"]))
    project = story.expect("and a project", 201, "POST", "/v1/projects", acme.key, json={"name": "Shared"})
    vera, member = joined(story, cloud, acme.token, "vera@guests.test", "guest")
    story.expect("vera, a guest, sees no project", 403, "GET", "/v1/projects", vera)
    path = f"/v1/projects/{project.get('id')}/grants/{member}"
    story.expect("alice shares this one", 200, "PUT", path, acme.token, json={"role": made.get("id", "")})
    seen = story.expect("vera sees it", 200, "GET", "/v1/projects", vera)
    story.check("… and no other", [item["name"] for item in seen.get("items", [])] == ["Shared"])
    story.expect("she changes nothing there", 403, "POST", f"/v1/projects/{project.get('id')}/archive", vera)


def sign_in(story: Story, cloud: Cloud, acme: Company, globex: Company) -> None:
    """Acme's own identity provider lets its people in, and nobody anywhere else."""
    story.chapter("Acme connects its own identity provider")
    provider = cloud.issuer.provider("acme")
    wanted = {"issuer": provider.url, "audience": "acme", "default_role": "viewer", "jit": True}
    story.expect("alice connects it", 201, "POST", "/v1/sso-connections", acme.token, json=wanted)
    domain = story.expect("claims a domain", 201, "POST", "/v1/domains", acme.token, json={"name": "acme-people.com"})
    story.check("… and is told which record shows it", "freehold-verification" in str(domain))
    _verify(cloud, acme, domain.get("id", ""))
    zoe = provider.mint("zoe", "zoe@acme-people.com", aud="acme")
    story.expect("zoe comes in by it", 200, "POST", "/v1/sign-ins", zoe)
    story.expect("… and is in Acme at once", 200, "GET", "/v1/tenant", zoe)
    elsewhere = {"Freehold-Tenant": globex.tenant}
    story.expect("in Globex it vouches for nobody", 403, "GET", "/v1/tenant", zoe, headers=elsewhere)


def deprovision(story: Story, acme: Company, bob: str) -> None:
    """Acme's directory takes bob out, and every way in of his ends."""
    story.chapter("Acme's directory takes bob out")
    made = story.expect(
        "alice gives it a token", 201, "POST", "/v1/scim-tokens", acme.token,
        json={"name": "Entra", "default_role": "member"},
    )  # fmt: skip
    directory = made.get("secret", "")
    query = '/scim/v2/Users?filter=userName eq "bob@acme.test"'
    found = story.expect("it finds him", 200, "GET", query, directory)
    [user] = found.get("Resources") or [{"id": ""}]
    off = {"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}
    story.expect("… and takes him out", 200, "PATCH", f"/scim/v2/Users/{user['id']}", directory, json=off)
    story.expect("his session, still valid, is refused", 403, "GET", "/v1/projects", bob)
    trail = story.expect("the audit trail says who did it", 200, "GET", "/v1/audit?action=members.update", acme.token)
    story.check("… the directory", any(entry["principal"].startswith("scim:") for entry in trail.get("items", [])))


def joined(story: Story, cloud: Cloud, owner: str, email: str, role: str) -> tuple[str, str]:
    """Somebody whom an owner invited and who came: token and member id."""
    story.send("POST", "/v1/invitations", owner, json={"email": email, "role": role})
    link = story.until(f"{email} is invited", lambda: _invited(cloud, email))
    token = cloud.issuer.token_for(email)
    answer: dict[str, Any] = story.send("POST", "/v1/invitations/accept", token, json={"token": link or ""}).json()
    return token, str(answer.get("member_id", ""))


def _invited(cloud: Cloud, to: str) -> str | None:
    """The token that was mailed."""
    texts = [mail.text for mail in cloud.mailbox.mails() if to in mail.to]
    return next((found[0] for text in texts if (found := re.search(r"inv_\w+", text))), None)


def _verify(cloud: Cloud, acme: Company, domain_id: str) -> None:
    """A laptop has no name server that the world asks, so the database is told."""
    where = cloud.database.conninfo_of(SUPERUSER)
    verified = "update app.domains set verified_at = now() where id = %(id)s"
    superuser(where, verified, tenant=acme.tenant, id=domain_id)
