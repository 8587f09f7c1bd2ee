"""Somebody to begin with: alice, who owns Acme, in a database that knows nobody yet."""

import httpx

from local.cloud import Cloud

ALICE = "alice@acme.test"


def acme(cloud: Cloud) -> str:
    """The id of alice's first tenant, which she signs up here when she has none."""
    headers = {"Authorization": f"Bearer {cloud.issuer.token_for(ALICE)}"}
    with httpx.Client(base_url=cloud.url, headers=headers, timeout=30, trust_env=False) as alice:
        mine = alice.get("/v1/tenants").raise_for_status().json()["items"]
        if not mine:
            mine = [alice.post("/v1/tenants", json={"name": "Acme"}).raise_for_status().json()]
    return str(mine[0]["id"])
