"""`make demo`: what would be deployed, deployed to a local cloud, and a story of two companies walked through it.

Every step is an HTTP request to the emulated API Gateway, answered by the built zips and layers. It ends with
`demo: N passed, 0 failed`.
"""

import argparse
import json
import sys
import time
from typing import Any

import httpx

from infra.stage import STAGES
from local import afterwards, decided, errors, people, year
from local.cloud import Cloud, throwaway
from local.project import DEMO
from local.story import Company, Story

BODY_TRICKS = ("tenant_id", "id", "created_by", "version", "archived_at")
HOSTILE = {
    "NaN in the body": b'{"name": NaN}',
    "a NUL in the body": b'{"name": "a\\u0000b"}',
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "the same key twice": b'{"name": "a", "name": "b"}',
    "100,000 levels of nesting": b"[" * 100_000,
    "a body that is too large": b'{"name": "' + b"x" * 1_100_000 + b'"}',
}
PATIENCE_SECONDS = 120
"""The emulator unpacks a zip and its layers for each process that it starts, and starts one for each call at once."""
ABSENT = "01a1fac8-0000-7000-8000-000000000000"


def main() -> None:
    """Boot, tell, count."""
    parser = argparse.ArgumentParser(prog="freehold demo", description=__doc__)
    parser.add_argument("--stage", default="sandbox", choices=STAGES, help="whose stacks are deployed: growth has most")
    parser.add_argument("--json", action="store_true", help="print the steps as JSON at the end")
    options = parser.parse_args()
    started = time.monotonic()
    print(f"Booting the cloud of {options.stage}, as zips:", flush=True)
    with (
        throwaway(mode="zips", stage=options.stage) as cloud,
        httpx.Client(base_url=cloud.url, timeout=PATIENCE_SECONDS, trust_env=False) as client,
    ):
        story = Story(client)
        with story.to_its_end():
            tell(story, cloud)
        if story.failed:
            print(cloud.recent_logs())
            cloud.keep_logs(DEMO)
            print(f"All that the functions and the emulator logged is kept in {DEMO}.")
    if options.json:
        print(json.dumps(story.steps))
    print(f"{time.monotonic() - started:.0f} s, everything included")
    print(f"demo: {story.passed} passed, {story.failed} failed")
    sys.exit(1 if story.failed else 0)


def tell(story: Story, cloud: Cloud) -> None:
    """The story, chapter by chapter."""
    acme, globex = sign_up(story, cloud)
    work(story, acme)
    try_every_trick(story, acme, globex)
    decided.tell(story, cloud, acme)
    repeat(story, acme)
    change_together(story, acme)
    people.tell(story, cloud, acme, globex)
    afterwards.tell(story, cloud, acme, globex)
    year.tell(story, cloud)
    revoke(story, acme)
    send_rubbish(story, acme)


def sign_up(story: Story, cloud: Cloud) -> tuple[Company, Company]:
    """Two companies sign up and make keys."""
    story.chapter("Two companies sign up")
    companies = []
    for person, name in (("alice@acme.test", "Acme"), ("gary@globex.test", "Globex")):
        token = cloud.issuer.token_for(person)
        tenant = story.expect(f"{person} signs up {name}", 201, "POST", "/v1/tenants", token, json={"name": name})
        scopes = ["projects:read", "projects:write", "projects:delete"]
        body = {"name": "CI", "scopes": scopes}
        key = story.expect(f"{name} makes an API key", 201, "POST", "/v1/api-keys", token, json=body)
        companies.append(Company(name, token, tenant.get("id", ""), key.get("secret", ""), key.get("id", "")))
    acme, globex = companies
    mine = story.expect("alice sees her tenants", 200, "GET", "/v1/tenants", acme.token)
    story.check("… and only her own", [item["id"] for item in mine["items"]] == [acme.tenant])
    members = story.expect("Acme lists its members", 200, "GET", "/v1/members", acme.token)
    story.check("… who is alice, the owner", [m["role"] for m in members["items"]] == ["owner"])
    return acme, globex


def work(story: Story, acme: Company) -> None:
    """Projects are created and listed."""
    story.chapter("Acme works, with its key")
    for name in ("Apollo", "Artemis"):
        story.expect(f"creates {name}", 201, "POST", "/v1/projects", acme.key, json={"name": name})
    page = story.expect("lists its projects", 200, "GET", "/v1/projects", acme.key)
    story.check("… newest first", [project["name"] for project in page["items"]] == ["Artemis", "Apollo"])
    page = story.expect("takes them a page at a time", 200, "GET", "/v1/projects?limit=1", acme.key)
    rest = story.expect("… and the next", 200, "GET", f"/v1/projects?limit=1&cursor={page['next_cursor']}", acme.key)
    story.check("… which is the last", [p["name"] for p in rest["items"]] == ["Apollo"] and not rest["next_cursor"])


def try_every_trick(story: Story, acme: Company, globex: Company) -> None:
    """One company tries to reach the other's project."""
    story.chapter("Globex tries every trick to reach Acme's project")
    project = story.expect("Acme has a secret", 201, "POST", "/v1/projects", acme.key, json={"name": "Secret"})
    path = f"/v1/projects/{project['id']}"
    foreign = story.expect("by id: reading it", 404, "GET", path, globex.key)
    absent = story.expect("by id: reading one that is not there", 404, "GET", f"/v1/projects/{ABSENT}", globex.key)
    story.check("… the two answers are the same", without_request_id(foreign) == without_request_id(absent))
    change = {"json": {"name": "Mine now"}, "headers": {"If-Match": "*"}}
    story.expect("by id: changing it", 404, "PATCH", path, globex.key, **change)
    story.expect("by id: archiving it", 404, "POST", f"{path}/archive", globex.key)
    story.expect("by id: deleting it", 404, "DELETE", path, globex.key)
    listed = story.expect("by list", 200, "GET", "/v1/projects?status=all", globex.key)
    story.check("… nothing of Acme's is in it", listed["items"] == [])
    listed = story.expect("by a cursor of Acme's", 200, "GET", f"/v1/projects?cursor={project['id']}", globex.key)
    story.check("… nothing either", listed["items"] == [])
    story.expect("by key: Acme's key with Globex's secret", 401, "GET", path, mixed(acme.key, globex.key))
    story.expect("by key: Acme's API key by its id", 404, "POST", f"/v1/api-keys/{acme.key_id}/rotate", globex.token)
    header = {"Freehold-Tenant": acme.tenant}
    story.expect("by header: its key in Acme's name", 403, "GET", path, globex.key, headers=header)
    story.expect("by header: gary in Acme's name", 403, "GET", path, globex.token, headers=header)
    for field in BODY_TRICKS:
        body = {"name": "Trojan", field: acme.tenant}
        story.expect(f"by body: {field}", 422, "POST", "/v1/projects", globex.key, json=body)
    story.expect("by a token that it signed itself", 401, "GET", path, forged(acme.token))
    story.expect("by no token at all", 401, "GET", path, "")
    story.expect("Acme still has it", 200, "GET", path, acme.key)


def repeat(story: Story, acme: Company) -> None:
    """The same request twice under one Idempotency-Key."""
    story.chapter("A request is sent twice")
    request: dict[str, Any] = {"json": {"name": "Once"}, "headers": {"Idempotency-Key": "the-same"}}
    first = story.expect("a project, with an Idempotency-Key", 201, "POST", "/v1/projects", acme.key, **request)
    second = story.expect("the same again", 201, "POST", "/v1/projects", acme.key, **request)
    story.check("… gets the same answer", first == second)
    page = story.expect("and there is", 200, "GET", "/v1/projects", acme.key)
    story.check("… one project", [p["name"] for p in page["items"]].count("Once") == 1)
    request["json"] = {"name": "Twice"}
    story.expect("another request under that key", 422, "POST", "/v1/projects", acme.key, **request)


def change_together(story: Story, acme: Company) -> None:
    """Two people change the same project."""
    story.chapter("Two people change one project")
    project = story.expect("a shared project", 201, "POST", "/v1/projects", acme.key, json={"name": "Shared"})
    path, seen = f"/v1/projects/{project['id']}", {"If-Match": '"1"'}
    story.expect("the first changes it", 200, "PATCH", path, acme.key, json={"name": "First"}, headers=seen)
    story.expect("the second is told", 412, "PATCH", path, acme.token, json={"name": "Second"}, headers=seen)
    story.expect("who does not say what they saw", 428, "PATCH", path, acme.token, json={"name": "Third"})


def revoke(story: Story, acme: Company) -> None:
    """A key ends, at once, whatever the gateway has cached."""
    story.chapter("A key is revoked")
    story.expect("it works", 200, "GET", "/v1/projects", acme.key)
    story.expect("alice revokes it", 204, "DELETE", f"/v1/api-keys/{acme.key_id}", acme.token)
    story.expect("it is refused on the next request", 401, "GET", "/v1/projects", acme.key)


def send_rubbish(story: Story, acme: Company) -> None:
    """Hostile input gets a 4xx that says why."""
    story.chapter("Somebody sends rubbish")
    for name, body in HOSTILE.items():
        status = 413 if "large" in name else 400
        headers = {"Content-Type": "application/json"}
        story.expect(name, status, "POST", "/v1/projects", acme.token, content=body, headers=headers)
    story.expect("a form instead of JSON", 415, "POST", "/v1/projects", acme.token, data={"name": "a"})
    story.expect("an id that is none", 422, "GET", "/v1/projects/1-or-1=1", acme.token)
    story.expect("a page of a million", 422, "GET", "/v1/projects?limit=1000000", acme.token)
    story.expect("and all is well", 200, "GET", "/health", "")


def without_request_id(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem as any request would get it."""
    return {**problem, "request_id": None}


def mixed(key: str, other: str) -> str:
    """One company's key with the other's secret in it."""
    return "_".join([*key.split("_")[:3], *other.split("_")[3:]])


def forged(token: str) -> str:
    """A token with a signature of its holder's own."""
    return token[:-8] + ("A" * 8 if not token.endswith("A" * 8) else "B" * 8)


if __name__ == "__main__":
    errors.run(main)
