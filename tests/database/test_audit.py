"""The audit trail hangs on the change itself: what changed is recorded, what did not is not."""

from local.companies import Company
from local.gateway import call


def trail(company: Company, action: str) -> list[tuple]:
    return company.execute(
        "select change, principal, request_id, address from app.audit"
        " where tenant_id = %(tenant_id)s and action = %(action)s order by id",
        action=action,
    )


class TestAudit:
    def test_says_who_what_before_and_after_under_which_request(self, acme: Company):
        project = acme.project("Apollo")
        answer = acme.call(
            "PATCH", f"/v1/projects/{project['id']}", body={"name": "Artemis"}, headers={"If-Match": "*"}
        )
        [(change, principal, request_id, address)] = trail(acme, "projects.update")
        [member] = acme.call("GET", "/v1/members").json["items"]
        assert change.keys() == {"name", "version", "updated_at"}
        assert change["name"] == ["Apollo", "Artemis"]
        assert principal == f"member:{member['id']}"
        assert request_id == answer.headers["x-request-id"]
        assert address == "192.0.2.1"

    def test_names_the_key_that_did_it(self, acme: Company):
        key = acme.key("projects:write")
        call("POST", "/v1/projects", token=key["secret"], body={"name": "By a key"})
        assert [principal for _, principal, _, _ in trail(acme, "projects.insert")] == [f"api_key:{key['id']}"]

    def test_keeps_what_was_deleted(self, acme: Company):
        project = acme.project("Apollo")
        acme.call("DELETE", f"/v1/projects/{project['id']}")
        [(change, *_)] = trail(acme, "projects.delete")
        assert change["name"] == ["Apollo", None]

    def test_masks_secrets(self, acme: Company):
        key = acme.key("projects:read")
        acme.call("POST", f"/v1/api-keys/{key['id']}/rotate")
        [(created, *_)], [(rotated, *_)] = trail(acme, "api_keys.insert"), trail(acme, "api_keys.update")
        assert created["secret_hash"] == rotated["secret_hash"] == ["***", "***"]
        assert created["name"] == [None, "A key"], "the control: what is no secret is there"

    def test_what_did_not_happen_is_not_recorded(self, acme: Company, globex: Company):
        project = globex.project()
        acme.call("DELETE", f"/v1/projects/{project['id']}")
        acme.call("POST", "/v1/projects", body={"name": ""})
        assert trail(acme, "projects.delete") == trail(acme, "projects.insert") == []
        assert acme.execute("select type from app.outbox where tenant_id = %(tenant_id)s") == [("tenant.created",)]

    def test_is_in_its_own_tenant(self, acme: Company, globex: Company):
        acme.project()
        assert trail(globex, "projects.insert") == []
