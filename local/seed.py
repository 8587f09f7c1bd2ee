"""Somebody to begin with: alice, who owns Acme, her colleagues, her server that hears of it all, and a neighbour."""

from typing import Any
from uuid import UUID

import httpx

from local.cloud import Cloud
from local.companies import superuser
from local.postgres import SUPERUSER
from local.provider import subject_of

ALICE, GARY = "alice@acme.test", "gary@globex.test"
COLLEAGUES = {
    "adam@acme.test": "admin",
    "bob@acme.test": "member",
    "vera@acme.test": "viewer",
    "bill@acme.test": "billing",
}
"""Of alice's, with their roles."""
PATH = "/acme"
"""Where Acme takes its webhooks."""


_JOIN = """
    insert into app.members (issuer, subject, email, name, role)
    values (%(issuer)s, %(subject)s, %(email)s, %(name)s, %(role)s) on conflict do nothing
"""
_SEATS = """
    insert into app.overrides (source, limits, reason, agreed_by)
    select 'operator', '{"seats": 10}', 'A seat for each colleague of alice', 'make dev'
     where not exists (select from app.overrides o where o.tenant_id = current_setting('app.tenant_id')::uuid)
"""
_REMEMBER = """
    insert into directory.memberships (issuer, subject, tenant_id)
    values (%(issuer)s, %(subject)s, %(tenant_id)s) on conflict do nothing
"""


def acme(cloud: Cloud) -> str:
    """The id of alice's first tenant, which she signs up here when she has none; a placeholder where she cannot."""
    try:
        with _client(cloud, ALICE) as alice:
            tenant = _first_tenant(alice, "Acme")
            alice.headers["Freehold-Tenant"] = tenant
            cloud.customer.secrets[PATH] = _secret(alice, f"{cloud.customer.url}{PATH}")
            _hire(cloud, UUID(tenant))
        with _client(cloud, GARY) as gary:
            _first_tenant(gary, "Globex")
    except httpx.HTTPError as error:
        print(f"\n  {ALICE} could not sign up ({error}); the functions' log says why.")
        return "the-id-of-your-tenant"
    return tenant


def _client(cloud: Cloud, email: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {cloud.issuer.token_for(email)}"}
    return httpx.Client(base_url=cloud.url, headers=headers, timeout=30, trust_env=False)


def _first_tenant(person: httpx.Client, name: str) -> str:
    mine = person.get("/v1/tenants").raise_for_status().json()["items"]
    if not mine:
        mine = [_made(person, "/v1/tenants", name=name)]
    return str(mine[0]["id"])


def _hire(cloud: Cloud, tenant: UUID) -> None:
    """Nobody here reads an invitation, so the database is told. Whoever was a member stays what they are."""
    superuser(cloud.database.conninfo_of(SUPERUSER), _SEATS, tenant=tenant)
    for email, role in COLLEAGUES.items():
        name = email.partition("@")[0].capitalize()
        who = {"issuer": cloud.issuer.url, "subject": subject_of(email), "email": email, "name": name, "role": role}
        for statement in (_JOIN, _REMEMBER):
            superuser(cloud.database.conninfo_of(SUPERUSER), statement, tenant=tenant, **who)


def _secret(alice: httpx.Client, url: str) -> str:
    """Of the endpoint at this address. Who did not keep it, as we did not, takes a new one."""
    endpoints = alice.get("/v1/webhook-endpoints?limit=100").raise_for_status().json()["items"]
    for endpoint in endpoints:
        if endpoint["url"] == url:
            again = _made(alice, f"/v1/webhook-endpoints/{endpoint['id']}/rotate-secret", overlap_hours=0)
            return str(again["secret"])
    return str(_made(alice, "/v1/webhook-endpoints", url=url, events=["*"])["secret"])


def _made(alice: httpx.Client, path: str, **wanted: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    made: dict[str, Any] = alice.post(path, json=wanted).raise_for_status().json()
    return made
