"""/v1/api-keys through its handler, and requests made with keys."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from local.companies import Company
from local.gateway import call

EVERYTHING = ("projects:read", "projects:write", "api_keys:read", "api_keys:write", "tenant:read")


class TestCreate:
    def test_shows_the_secret_once(self, acme: Company):
        created = acme.call("POST", "/v1/api-keys", body={"name": "CI", "scopes": ["projects:read"]})
        assert created.status == 201
        assert created.json["secret"].startswith("fh_test_")
        assert created.json["hint"] == "…" + created.json["secret"][-4:]
        read = acme.call("GET", f"/v1/api-keys/{created.json['id']}")
        assert "secret" not in read.json
        assert created.json["secret"] not in acme.call("GET", "/v1/api-keys").body

    def test_the_secret_is_nowhere_in_the_database(self, acme: Company):
        headers = {"Idempotency-Key": "k"}
        secret = acme.call(
            "POST", "/v1/api-keys", body={"name": "CI", "scopes": ["projects:read"]}, headers=headers
        ).json["secret"]
        for table in ("app.api_keys", "app.audit", "app.idempotency", "app.outbox"):
            rows = str(acme.execute(f"select to_jsonb(t) from {table} t where tenant_id = %(tenant_id)s"))
            assert secret not in rows
            assert rows != "[]", "the control: there is something to look through"

    def test_a_repetition_comes_without_the_secret(self, acme: Company):
        request = {"body": {"name": "CI", "scopes": ["projects:read"]}, "headers": {"Idempotency-Key": "k"}}
        first, second = (acme.call("POST", "/v1/api-keys", **request) for _ in range(2))
        assert first.json["id"] == second.json["id"]
        assert first.json["secret"] is not None
        assert second.json["secret"] is None

    @pytest.mark.parametrize("scope", ["nothing:read", "projects:everything"])
    def test_scopes_that_do_not_exist_are_refused(self, acme: Company, scope):
        answer = acme.call("POST", "/v1/api-keys", body={"name": "CI", "scopes": [scope]})
        assert (answer.status, answer.code) == (403, "scopes_exceed_yours")

    def test_a_key_cannot_make_or_rotate_keys_for_they_would_outlive_it(self, acme: Company):
        key = acme.key("api_keys:write", "api_keys:read", "projects:read")
        body = {"name": "CI", "scopes": ["projects:read"]}
        made = call("POST", "/v1/api-keys", token=key["secret"], body=body)
        rotated = call("POST", f"/v1/api-keys/{key['id']}/rotate", token=key["secret"])
        assert (made.code, rotated.code) == ("person_required", "person_required")

    @pytest.mark.parametrize(
        "when", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "9999-12-31T23:59:59.9999999Z"]
    )
    def test_an_expiry_at_the_end_of_time_is_kept_or_refused(self, acme: Company, when):
        answer = acme.call("POST", "/v1/api-keys", body={"name": "x", "scopes": ["projects:read"], "expires_at": when})
        assert answer.status in (201, 422), answer
        assert acme.call("GET", "/v1/api-keys").status == 200

    def test_an_expiry_is_shown_in_utc(self, acme: Company):
        body = {"name": "x", "scopes": ["projects:read"], "expires_at": "2999-01-01T00:00:00+02:00"}
        assert acme.call("POST", "/v1/api-keys", body=body).json["expires_at"] == "2998-12-31T22:00:00+00:00"

    def test_an_expiry_in_the_past_is_refused(self, acme: Company):
        past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        answer = acme.call("POST", "/v1/api-keys", body={"name": "CI", "scopes": ["projects:read"], "expires_at": past})
        assert (answer.status, answer.code) == (422, "invalid_input")

    def test_a_member_may_not(self, acme: Company):
        body = {"name": "CI", "scopes": ["projects:read"]}
        assert acme.call_as(acme.member("member"), "POST", "/v1/api-keys", body=body).status == 403


class TestUse:
    def test_acts_in_its_tenant_within_its_scopes(self, acme: Company):
        key = acme.key("projects:read")["secret"]
        assert call("GET", "/v1/projects", token=key).status == 200
        assert call("POST", "/v1/projects", token=key, body={"name": "Apollo"}).code == "permission_denied"

    def test_may_never_more_than_the_member_who_made_it(self, acme: Company):
        admin = acme.member("admin")
        key = acme.call_as(admin, "POST", "/v1/api-keys", body={"name": "CI", "scopes": ["projects:write"]}).json
        assert call("POST", "/v1/projects", token=key["secret"], body={"name": "Apollo"}).status == 201
        acme.execute("update app.members set role = 'viewer' where subject = %(subject)s", subject=admin.subject)
        answer = call("POST", "/v1/projects", token=key["secret"], body={"name": "Apollo"})
        assert answer.code == "permission_denied"

    def test_ends_with_the_member_who_made_it(self, acme: Company):
        admin = acme.member("admin")
        key = acme.call_as(admin, "POST", "/v1/api-keys", body={"name": "CI", "scopes": ["projects:read"]}).json
        acme.execute("update app.members set status = 'removed' where subject = %(subject)s", subject=admin.subject)
        assert call("GET", "/v1/projects", token=key["secret"]).code == "api_key_refused"

    def test_another_tenants_header_is_refused(self, acme: Company, globex: Company):
        key = acme.key("projects:read")["secret"]
        answer = call("GET", "/v1/projects", token=key, headers={"Freehold-Tenant": str(globex.id)})
        assert (answer.status, answer.code) == (403, "tenant_mismatch")
        assert call("GET", "/v1/projects", token=key, headers={"Freehold-Tenant": str(acme.id)}).status == 200

    def test_a_key_with_the_neighbours_name_in_it_is_refused(self, acme: Company, globex: Company):
        ours, theirs = acme.key("projects:read")["secret"], globex.key("projects:read")["secret"]
        mixed = "_".join([*theirs.split("_")[:3], ours.split("_")[3]])
        assert call("GET", "/v1/projects", token=mixed).code == "api_key_refused"

    def test_a_key_cannot_sign_up(self, acme: Company):
        answer = call("POST", "/v1/tenants", token=acme.key("tenant:read")["secret"], body={"name": "Another"})
        assert (answer.status, answer.code) == (403, "person_required")

    @pytest.mark.parametrize("damage", [lambda key: key[:-1], lambda key: key[:-1] + "!", lambda key: key + "0"])
    def test_a_damaged_key_is_told_so(self, acme: Company, damage):
        answer = call("GET", "/v1/projects", token=damage(acme.key("projects:read")["secret"]))
        assert (answer.status, answer.code) == (401, "api_key_refused")
        assert "missing or mistyped" in answer.json["detail"]

    def test_an_expired_key_is_refused(self, acme: Company):
        soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        body = {"name": "CI", "scopes": ["projects:read"], "expires_at": soon}
        key = acme.call("POST", "/v1/api-keys", body=body).json
        assert call("GET", "/v1/projects", token=key["secret"]).status == 200
        acme.execute("update app.api_keys set expires_at = now() where id = %(id)s", id=key["id"])
        assert call("GET", "/v1/projects", token=key["secret"]).code == "api_key_refused"


class TestRotate:
    def test_the_new_secret_works_and_the_old_one_does_not(self, acme: Company):
        key = acme.key("projects:read")
        rotated = acme.call("POST", f"/v1/api-keys/{key['id']}/rotate").json
        assert call("GET", "/v1/projects", token=rotated["secret"]).status == 200
        assert call("GET", "/v1/projects", token=key["secret"]).code == "api_key_refused"

    def test_whoever_saw_the_new_secret_answers_for_it(self, acme: Company):
        key, admin = acme.key("projects:read"), acme.member("admin")
        rotated = acme.call_as(admin, "POST", f"/v1/api-keys/{key['id']}/rotate").json
        assert call("GET", "/v1/projects", token=rotated["secret"]).status == 200
        acme.execute("update app.members set status = 'removed' where subject = %(subject)s", subject=admin.subject)
        assert call("GET", "/v1/projects", token=rotated["secret"]).code == "api_key_refused"

    def test_an_expired_key_is_absent(self, acme: Company):
        key = acme.key("projects:read")
        acme.execute("update app.api_keys set expires_at = now() where id = %(id)s", id=key["id"])
        assert acme.call("POST", f"/v1/api-keys/{key['id']}/rotate").status == 404

    def test_a_revoked_or_foreign_key_is_absent(self, acme: Company, globex: Company):
        revoked, foreign = acme.key("projects:read")["id"], globex.key("projects:read")["id"]
        acme.call("DELETE", f"/v1/api-keys/{revoked}")
        for which in (revoked, foreign, uuid4()):
            assert acme.call("POST", f"/v1/api-keys/{which}/rotate").status == 404


class TestRevoke:
    def test_is_refused_on_the_next_request(self, acme: Company):
        key = acme.key("projects:read")
        assert call("GET", "/v1/projects", token=key["secret"]).status == 200
        assert acme.call("DELETE", f"/v1/api-keys/{key['id']}").status == 204
        answer = call("GET", "/v1/projects", token=key["secret"])
        assert (answer.status, answer.code) == (401, "api_key_refused")

    def test_the_neighbours_key_is_absent_and_works_on(self, acme: Company, globex: Company):
        key = globex.key("projects:read")
        assert acme.call("DELETE", f"/v1/api-keys/{key['id']}").status == 404
        assert call("GET", "/v1/projects", token=key["secret"]).status == 200


class TestList:
    def test_shows_each_key_as_reading_it_does_and_only_ours(self, acme: Company, globex: Company):
        key = acme.key("projects:read")
        theirs = globex.key("projects:read")
        read = acme.call("GET", f"/v1/api-keys/{key['id']}").json
        assert acme.call("GET", "/v1/api-keys").json["items"] == [read]
        assert acme.call("GET", f"/v1/api-keys/{theirs['id']}").status == 404
