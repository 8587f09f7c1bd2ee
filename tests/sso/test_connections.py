"""/v1/sso-connections through their handler."""

from typing import Any
from uuid import uuid4

import pytest

from local.companies import Company
from local.gateway import call
from local.issuer import Issuer

PATH = "/v1/sso-connections"
ANY = {"If-Match": "*"}


def wish(**different: Any) -> dict[str, Any]:
    return {"issuer": "https://acme.okta.com/oauth2/default", "audience": str(uuid4())} | different


def connect(company: Company, **different: Any) -> dict[str, Any]:
    answer = company.call("POST", PATH, body=wish(**different))
    assert answer.status == 201, answer
    return answer.json


class TestCreate:
    def test_shows_it_with_what_was_not_said(self, acme: Company):
        answer = acme.call("POST", PATH, body=wish())
        assert (answer.status, answer.headers["etag"]) == (201, '"1"')
        assert (answer.json["default_role"], answer.json["jit"], answer.json["status"]) == ("member", True, "enabled")
        assert acme.call("GET", f"{PATH}/{answer.json['id']}").json == answer.json
        assert [each["id"] for each in acme.call("GET", PATH).json["items"]] == [answer.json["id"]]

    def test_the_same_issuer_and_audience_are_one_tenants(self, acme: Company, globex: Company):
        made = connect(acme)
        same = {"issuer": made["issuer"], "audience": made["audience"]}
        refused = globex.call("POST", PATH, body=same)
        assert (refused.status, refused.code) == (409, "issuer_taken")
        assert globex.call("POST", PATH, body=wish(issuer=made["issuer"])).status == 201, "another audience is free"
        acme.call("PATCH", f"{PATH}/{made['id']}", body={"status": "disabled"}, headers=ANY)
        assert globex.call("POST", PATH, body=same).code == "issuer_taken", "disabled is not given up"
        assert acme.call("DELETE", f"{PATH}/{made['id']}").status == 204
        assert globex.call("POST", PATH, body=same).status == 201

    def test_an_issuer_of_everybodys_is_refused(self, acme: Company, issuer: Issuer, provider: Issuer):
        assert provider.url != issuer.url
        refused = acme.call("POST", PATH, body=wish(issuer=issuer.url))
        assert refused.status == 422
        assert acme.call("POST", PATH, body=wish(issuer=provider.url)).status == 201

    @pytest.mark.parametrize(
        "url",
        ["http://idp.example.com", "https://10.0.0.1", "https://169.254.169.254/x", "https://localhost", "https://idp",
         "https://idp.internal", "https://idp.example.com:8443", "https://u:p@idp.example.com", "ftp://idp.example.com",
         "https://idp.example.com/?x=1", "https://[::1]/", f"https://idp.example.com/{'x' * 300}", "sso:x"],
    )  # fmt: skip
    def test_an_issuer_that_we_would_not_ask_is_refused(self, acme: Company, url: str):
        answer = acme.call("POST", PATH, body=wish(issuer=url))
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, "body.issuer")

    def test_nobody_becomes_an_owner_by_it(self, acme: Company):
        assert acme.call("POST", PATH, body=wish(default_role="owner")).status == 422

    def test_its_role_is_within_its_makers(self, acme: Company):
        [(wide,)] = acme.execute(
            "insert into app.roles (name, permissions) values ('Heir', '{tenant:read,tenant:own}') returning id"
        )
        admin = acme.member("admin")
        refused = acme.call_as(admin, "POST", PATH, body=wish(default_role=str(wide)))
        assert (refused.status, refused.code) == (403, "exceeds_yours")
        assert acme.call_as(admin, "POST", PATH, body=wish(default_role="admin")).status == 201
        made = connect(acme, default_role=str(wide))
        changed = acme.call_as(admin, "PATCH", f"{PATH}/{made['id']}", body={"jit": False}, headers=ANY)
        assert changed.code == "exceeds_yours", "whoever changes it answers for what it gives"

    @pytest.mark.parametrize("role", ["member", "viewer", "billing", "guest"])
    def test_whoever_is_no_admin_may_not(self, acme: Company, role: str):
        person = acme.member(role)
        assert acme.call_as(person, "POST", PATH, body=wish()).json["permission"] == "sso:write"
        assert acme.call_as(person, "GET", PATH).json["permission"] == "sso:read"

    def test_a_key_that_may_read_may_not_write(self, acme: Company):
        key = acme.key("sso:read")["secret"]
        assert call("GET", PATH, token=key).status == 200
        assert call("POST", PATH, token=key, body=wish()).status == 403


class TestChange:
    def test_of_the_audience_moves_the_claim(self, acme: Company, globex: Company):
        made = connect(acme)
        changed = acme.call("PATCH", f"{PATH}/{made['id']}", body={"audience": "other"}, headers={"If-Match": '"1"'})
        assert (changed.status, changed.json["audience"], changed.headers["etag"]) == (200, "other", '"2"')
        assert globex.call("POST", PATH, body={"issuer": made["issuer"], "audience": made["audience"]}).status == 201

    def test_of_an_older_version_is_refused(self, acme: Company):
        path = f"{PATH}/{connect(acme)['id']}"
        assert acme.call("PATCH", path, body={"jit": False}).status == 428
        assert acme.call("PATCH", path, body={"jit": False}, headers={"If-Match": '"9"'}).status == 412

    def test_of_a_neighbours_finds_nothing(self, acme: Company, globex: Company):
        path = f"{PATH}/{connect(acme)['id']}"
        assert globex.call("GET", path).status == 404
        assert globex.call("PATCH", path, body={"jit": False}, headers=ANY).status == 404
        assert globex.call("DELETE", path).status == 404
        assert acme.call("DELETE", path).status == 204, "the control"


class TestRole:
    def test_that_a_connection_gives_cannot_be_deleted(self, acme: Company):
        [(role,)] = acme.execute(
            "insert into app.roles (name, permissions) values ('Reader', '{tenant:read}') returning id"
        )
        connect(acme, default_role=str(role))
        with pytest.raises(Exception, match="sso_connections_custom_role"):
            acme.execute("delete from app.roles where tenant_id = %(tenant_id)s")
