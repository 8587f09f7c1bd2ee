"""Somebody to begin with: alice, who owns Acme, and whose server hears of everything that happens there."""

from typing import Any

import httpx

from local.cloud import Cloud

ALICE = "alice@acme.test"
PATH = "/acme"
"""Where Acme takes its webhooks."""


def acme(cloud: Cloud) -> str:
    """The id of alice's first tenant, which she signs up here when she has none; a placeholder where she cannot."""
    headers = {"Authorization": f"Bearer {cloud.issuer.token_for(ALICE)}"}
    try:
        with httpx.Client(base_url=cloud.url, headers=headers, timeout=30, trust_env=False) as alice:
            tenant = _first_tenant(alice)
            alice.headers["Freehold-Tenant"] = tenant
            cloud.customer.secrets[PATH] = _secret(alice, f"{cloud.customer.url}{PATH}")
            return tenant
    except httpx.HTTPError as error:
        print(f"\n  {ALICE} could not sign up ({error}); the functions' log says why.")
        return "the-id-of-your-tenant"


def _first_tenant(alice: httpx.Client) -> str:
    mine = alice.get("/v1/tenants").raise_for_status().json()["items"]
    if not mine:
        mine = [_made(alice, "/v1/tenants", name="Acme")]
    return str(mine[0]["id"])


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
