"""Texts that nobody else would write, in every place where a person or a secret can stand."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from local.companies import Company, People, Person

MARK = "canary"


@dataclass
class Canaries:
    """What must not be found again."""

    texts: dict[str, str] = field(default_factory=dict)

    def new(self, what: str) -> str:
        """One more, which reads like nothing else."""
        return self.add(what, f"{MARK}-{uuid4().hex}")

    def add(self, what: str, text: str) -> str:
        self.texts[what] = text
        return text

    def found_in(self, text: str) -> list[str]:
        """Which of them, also where they stand as JSON writes them."""
        return sorted(what for what, each in self.texts.items() if each in text or json.dumps(each)[1:-1] in text)


def somebody(people: People, canaries: Canaries) -> Person:
    """A person whose address, name and subject are canaries, and whose token is one by itself."""
    subject = canaries.new("subject")
    address, name = f"{canaries.new('address')}@example.test", canaries.new("name")
    person = Person(people.issuer.mint(subject, address, name), subject)
    canaries.add("token", person.token)
    return person


def busy(company: Company, canaries: Canaries) -> None:
    """Requests of every sort with canaries in them: good ones, refused ones and broken ones."""
    project = company.call("POST", "/v1/projects", body={"name": canaries.new("project")}).json
    company.call("GET", "/v1/projects", query={"cursor": canaries.new("cursor")})
    company.call("PATCH", f"/v1/projects/{project['id']}", body={"name": 7, "odd": canaries.new("odd field")})
    company.call("GET", f"/v1/projects/{canaries.new('path')}")
    company.call("POST", "/v1/projects", raw=canaries.new("not json").encode())
    guest = f"{canaries.new('guest')}@example.test"
    for _ in range(2):
        company.call("POST", "/v1/invitations", body={"email": guest, "role": "viewer"})
    company.call("POST", "/v1/invitations", body={"email": canaries.new("no address"), "role": "viewer"})
    company.call("POST", "/v1/invitations/accept", body={"token": canaries.new("invitation")})
    company.call("PATCH", "/v1/tenant", body={"name": canaries.new("tenant")}, headers={"If-Match": "*"})
    key = company.key("projects:read")
    secret = canaries.add("key", key["secret"])
    company.people.somebody().call("GET", "/v1/members", headers={"Freehold-Tenant": str(company.id)})
    _with_key(company, secret)
    _with_key(company, canaries.add("odd key", f"{secret[:-4]}zzzz"))
    hook = company.call("POST", "/v1/webhook-endpoints", body=_endpoint(canaries)).json
    canaries.add("webhook secret", hook["secret"])
    company.call(
        "POST", "/v1/webhook-endpoints", body=_endpoint(canaries) | {"url": f"https://{canaries.new('host')}/"}
    )
    scim = company.call("POST", "/v1/scim-tokens", body={"name": "Directory", "default_role": "member"}).json
    token = canaries.add("scim token", scim["secret"])
    body = {"userName": f"{canaries.new('user')}@example.test", "name": {"givenName": canaries.new("given name")}}
    Person(token, "").call(
        "POST", "/scim/v2/Users", body=body | {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}
    )
    Person(f"{canaries.new('bearer')}", "").call("GET", "/v1/projects")


def _with_key(company: Company, secret: str) -> None:
    for method, path in (("GET", "/v1/projects"), ("POST", "/v1/projects")):
        Person(secret, "").call(method, path, **({"body": {"name": "n"}} if method == "POST" else {}))


def _endpoint(canaries: Canaries) -> dict[str, Any]:
    return {"url": f"https://hooks.example.com/{canaries.new('url')}", "events": ["project.created"]}
