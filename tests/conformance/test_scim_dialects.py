"""Requests as Microsoft Entra and Okta really send them, each with what must come of it."""

from collections.abc import Callable
from typing import Any

import pytest

from local.companies import Company
from local.gateway import Answer, call

type Scim = Callable[..., Answer]

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTRA_USER = {
    "schemas": [CORE, ENTERPRISE],
    "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    "userName": "ada@acme.test",
    "active": True,
    "emails": [{"primary": True, "type": "work", "value": "ada@acme.test"}],
    "meta": {"resourceType": "User"},
    "displayName": "Ada Lovelace",
    "name": {"formatted": "Ada Lovelace", "familyName": "Lovelace", "givenName": "Ada"},
    "title": "Countess",
    ENTERPRISE: {"department": "Engines", "manager": {"value": "26118915-6090-4610-87e4-49d8ca9f808d"}},
}
OKTA_USER = {
    "schemas": [CORE],
    "userName": "ada@acme.test",
    "name": {"givenName": "Ada", "familyName": "Lovelace"},
    "emails": [{"primary": True, "value": "ada@acme.test", "type": "work"}],
    "displayName": "Ada Lovelace",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}
ACTIVE, NOT_ACTIVE = {"active": True}, {"active": False}


def operation(op: str, path: str | None = None, **rest: Any) -> dict[str, Any]:
    return {"op": op, **({"path": path} if path else {}), **rest}


USER_PATCHES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "Entra: a capital and a text for false": ([operation("Replace", "active", value="False")], NOT_ACTIVE),
    "Entra: Add for a disabled user": ([operation("Add", "active", value="False")], NOT_ACTIVE),
    "Entra: small letters": ([operation("replace", "active", value="false")], NOT_ACTIVE),
    "Entra: a real false": ([operation("Replace", "active", value=False)], NOT_ACTIVE),
    "Entra: a list of one value": ([operation("Replace", "active", value=[{"value": "False"}])], NOT_ACTIVE),
    "Entra: without a path, as a text": ([operation("Replace", value={"active": "False"})], NOT_ACTIVE),
    "Entra: a capital True changes nothing": ([operation("Replace", "active", value="True")], ACTIVE),
    "Entra: dotted keys": (
        [operation("Replace", value={"name.givenName": "Augusta", "name.familyName": "King"})],
        {"name": {"givenName": "Augusta", "familyName": "King"}},
    ),
    "Entra: dotted keys with others": (
        [operation("Replace", value={"displayName": "Augusta", "name.givenName": "Augusta"})],
        {"displayName": "Augusta", "name": {"givenName": "Augusta", "familyName": "Lovelace"}},
    ),
    "Entra: a dotted path": (
        [operation("Replace", "name.familyName", value="King")],
        {"name": {"givenName": "Ada", "familyName": "King"}},
    ),
    "Entra: the address of a type": (
        [operation("Replace", 'emails[type eq "work"].value', value="augusta@acme.test")],
        {"emails": [{"value": "augusta@acme.test", "type": "work", "primary": True}]},
    ),
    "Entra: the address of a type as a key": (
        [operation("Replace", value={'emails[type eq "work"].value': "augusta@acme.test"})],
        {"emails": [{"value": "augusta@acme.test", "type": "work", "primary": True}]},
    ),
    "Entra: an address of a type that is not there yet": (
        [operation("Add", 'emails[type eq "home"].value', value="ada@home.test")],
        {
            "emails": [
                {"value": "ada@acme.test", "type": "work", "primary": True},
                {"value": "ada@home.test", "type": "home"},
            ]
        },
    ),
    "Entra: the primary address": (
        [operation("Replace", "emails[primary eq true].value", value="augusta@acme.test")],
        {"emails": [{"value": "augusta@acme.test", "type": "work", "primary": True}]},
    ),
    "Entra: a manager, whom we do not keep": (
        [operation("Add", f"{ENTERPRISE}:manager", value="26118915-6090-4610-87e4-49d8ca9f808d")],
        ACTIVE,
    ),
    "Entra: a department among others": (
        [operation("Replace", value={f"{ENTERPRISE}:department": "X", "displayName": "Augusta"})],
        {"displayName": "Augusta"},
    ),
    "Entra: an enterprise object among others": (
        [operation("Add", value={ENTERPRISE: {"department": "X"}, "displayName": "Augusta"})],
        {"displayName": "Augusta"},
    ),
    "Entra: a phone number, which we do not keep": (
        [operation("Add", 'phoneNumbers[type eq "work"].value', value="+44 1")],
        ACTIVE,
    ),
    "Entra: a name with the schema before it": ([operation("Replace", f"{CORE}:active", value="False")], NOT_ACTIVE),
    "Entra: an empty text for what is gone": ([operation("Replace", "externalId", value="")], {"externalId": None}),
    "Entra: Remove of an attribute": ([operation("Remove", "displayName")], {"displayName": None}),
    "Entra: Remove of an address of a type": ([operation("Remove", 'emails[type eq "work"]')], {"emails": None}),
    "Entra: another externalId": ([operation("Replace", "externalId", value="another")], {"externalId": "another"}),
    "Entra: another userName": ([operation("Replace", "userName", value="ak@acme.test")], {"userName": "ak@acme.test"}),
    "Entra: a path in other letters": (
        [operation("Replace", "DisplayName", value="Augusta")],
        {"displayName": "Augusta"},
    ),
    "Entra: several operations": (
        [operation("Replace", "displayName", value="Augusta"), operation("Replace", "active", value="False")],
        {"displayName": "Augusta", "active": False},
    ),
    "Okta: deactivation": ([operation("replace", value={"active": False})], NOT_ACTIVE),
    "Okta: a whole object with its id": (
        [operation("replace", value={"id": "x", "schemas": [CORE], "displayName": "Augusta"})],
        {"displayName": "Augusta"},
    ),
    "Okta: a password, which nobody keeps": ([operation("replace", value={"password": "secret"})], ACTIVE),
}


@pytest.fixture
def scim(acme: Company) -> Scim:
    token = acme.call("POST", "/v1/scim-tokens", body={"name": "Directory", "default_role": "member"}).json["secret"]

    def send(method: str, path: str, body: object = None, **query: str) -> Answer:
        return call(method, f"/scim/v2{path}", token=token, body=body, query=query)

    return send


def user(scim: Scim, name: str = "ada@acme.test") -> str:
    emails = [{"primary": True, "type": "work", "value": name}]
    return scim("POST", "/Users", {**ENTRA_USER, "userName": name, "externalId": name, "emails": emails}).json["id"]


def group(scim: Scim, *members: str) -> str:
    return scim("POST", "/Groups", {"displayName": "Engines", "members": [{"value": m} for m in members]}).json["id"]


def members(answer: Answer) -> set[str]:
    assert answer.status == 200, answer
    return {member["value"] for member in answer.json.get("members", [])}


class TestUsers:
    @pytest.mark.parametrize("sent", [ENTRA_USER, OKTA_USER], ids=["Entra", "Okta"])
    def test_are_made_and_what_we_do_not_keep_is_ignored(self, scim: Scim, sent: dict[str, Any]):
        made = scim("POST", "/Users", sent)
        assert made.status == 201, made
        assert {name: made.json[name] for name in ("userName", "externalId", "displayName", "active")} == {
            name: sent[name] for name in ("userName", "externalId", "displayName", "active")
        }
        assert {"title", "password", "locale", ENTERPRISE} & made.json.keys() == set()

    @pytest.mark.parametrize("case", USER_PATCHES)
    def test_are_changed(self, scim: Scim, case: str):
        sent, expected = USER_PATCHES[case]
        path = f"/Users/{user(scim)}"
        answer = scim("PATCH", path, {"schemas": [PATCH_OP], "Operations": sent})
        assert answer.status == 200, answer
        assert {name: answer.json.get(name) for name in expected} == expected
        assert {name: scim("GET", path).json.get(name) for name in expected} == expected

    @pytest.mark.parametrize("active", [False, "False", "false"])
    def test_are_put_whole_by_okta(self, scim: Scim, active: object):
        path = f"/Users/{user(scim)}"
        answer = scim("PUT", path, {**OKTA_USER, "id": "x", "active": active, "name": {"givenName": "A"}})
        assert (answer.status, answer.json["active"], answer.json["name"]) == (200, False, {"givenName": "A"})

    @pytest.mark.parametrize(
        "filter_",
        [
            'userName eq "ada@acme.test"',
            'userName eq "ADA@acme.test"',
            'externalId eq "ada@acme.test"',
            'emails[type eq "work"].value eq "ada@acme.test"',
            'emails.value eq "ada@acme.test"',
            'userName eq "ada@acme.test" and active eq true',
            f'{CORE}:userName eq "ada@acme.test"',
        ],
    )
    def test_are_found(self, scim: Scim, filter_: str):
        wanted, _ = user(scim), user(scim, "grace@acme.test")
        found = scim("GET", "/Users", filter=filter_)
        assert (found.status, found.json["totalResults"]) == (200, 1), found
        assert found.json["Resources"][0]["id"] == wanted

    def test_that_are_not_there_are_an_empty_list_with_which_entra_tests_its_connection(self, scim: Scim):
        found = scim("GET", "/Users", filter='userName eq "56e7b2ca-4ed7-4b05-b1ba-4f0a2e1b5ad6"')
        assert (found.status, found.json["totalResults"], found.json["Resources"]) == (200, 0, [])


class TestGroups:
    @pytest.mark.parametrize("op", ["Add", "add"])
    def test_get_members(self, scim: Scim, op: str):
        one, two = user(scim), user(scim, "grace@acme.test")
        sent = operation(op, "members", value=[{"$ref": None, "value": two, "display": "Grace"}])
        assert members(scim("PATCH", f"/Groups/{group(scim, one)}", {"Operations": [sent]})) == {one, two}

    @pytest.mark.parametrize(
        "removed",
        [
            lambda one: operation("Remove", "members", value=[{"$ref": None, "value": one}]),
            lambda one: operation("Remove", "members", value=[{"value": one}]),
            lambda one: operation("remove", f'members[value eq "{one}"]'),
            lambda one: operation("Remove", "members", value={"value": one}),
        ],
        ids=["Entra", "Entra without $ref", "Okta and newer Entra", "a lone object"],
    )
    def test_lose_the_member_that_is_named_and_keep_the_others(self, scim: Scim, removed: Callable):
        one, two = user(scim), user(scim, "grace@acme.test")
        answer = scim("PATCH", f"/Groups/{group(scim, one, two)}", {"Operations": [removed(one)]})
        assert members(answer) == {two}

    def test_lose_all_members_only_where_that_is_said(self, scim: Scim):
        path = f"/Groups/{group(scim, user(scim))}"
        assert len(members(scim("PATCH", path, {"Operations": [operation("Remove", "members", value=[])]}))) == 1
        assert members(scim("PATCH", path, {"Operations": [operation("remove", "members")]})) == set()

    def test_are_renamed_by_okta_with_their_id(self, scim: Scim):
        path = f"/Groups/{group(scim)}"
        sent = operation("replace", value={"id": path.rpartition("/")[2], "displayName": "Machines"})
        assert scim("PATCH", path, {"Operations": [sent]}).json["displayName"] == "Machines"

    def test_get_all_their_members_replaced_by_okta(self, scim: Scim):
        one, two = user(scim), user(scim, "grace@acme.test")
        sent = operation("replace", "members", value=[{"value": two, "display": "grace@acme.test"}])
        assert members(scim("PATCH", f"/Groups/{group(scim, one)}", {"Operations": [sent]})) == {two}

    def test_are_put_whole_with_the_names_of_members(self, scim: Scim):
        one = user(scim)
        sent = {"displayName": "Engines", "members": [{"value": one, "display": "ada@acme.test"}]}
        assert members(scim("PUT", f"/Groups/{group(scim)}", sent)) == {one}

    @pytest.mark.parametrize("filter_", ['displayName eq "Engines"', 'displayName eq "engines"'])
    def test_are_found_without_their_members(self, scim: Scim, filter_: str):
        group(scim, user(scim))
        [found] = scim("GET", "/Groups", filter=filter_, excludedAttributes="members").json["Resources"]
        assert "members" not in found

    def test_are_asked_whether_somebody_is_in_them(self, scim: Scim):
        one, two = user(scim), user(scim, "grace@acme.test")
        wanted = group(scim, one)
        asked = [scim("GET", "/Groups", filter=f'id eq "{wanted}" and members eq "{who}"') for who in (one, two)]
        assert [answer.json["totalResults"] for answer in asked] == [1, 0]
