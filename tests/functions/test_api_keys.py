"""/v1/api-keys through its handler, and requests made with keys."""

import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from freehold.ids import TenantId, base62, tenant_ref
from local.companies import Company, Person
from local.gateway import call

FULL_WIDTH = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
"""Digits to Python, and not to us."""


def status(secret: str) -> int:
    """What a request with this secret is answered with."""
    return call("GET", "/v1/projects", token=secret).status


def rotated(company: Company, key: dict[str, Any], person: Person | None = None, **wanted: object) -> dict[str, Any]:
    """The key with its new secret."""
    path = f"/v1/api-keys/{key['id']}/rotate"
    answer = company.call_as(person or company.owner, "POST", path, body=wanted or None)
    assert answer.status == 200, answer
    shown: dict[str, Any] = answer.json
    return shown


def sealed(body: str) -> str:
    """A text of ours or not, with the checksum that it would have."""
    return body + base62(zlib.crc32(body.encode()), length=6)


def with_another_secret(key: str) -> str:
    return sealed(f"{key[:-49]}{'0' * 43}")


BAD: dict[str, tuple[Callable[[str], str], str]] = {
    "of the other mode": (lambda key: sealed(key[:-6].replace("fh_test_", "fh_live_")), "is for live mode"),
    "of a mode that there is not": (lambda key: sealed(key[:-6].replace("fh_test_", "fh_prod_")), "mistyped"),
    "with a wrong checksum": (lambda key: key[:-1] + ("0" if key[-1] != "0" else "1"), "mistyped"),
    "with the checksum of another": (lambda key: key[:-6] + with_another_secret(key)[-6:], "mistyped"),
    "truncated": (lambda key: key[:-1], "mistyped"),
    "that goes on": (lambda key: key + "0", "mistyped"),
    "without its checksum": (lambda key: key[:-6], "mistyped"),
    "without its secret": (lambda key: sealed(key[:-49]), "mistyped"),
    "in capitals": (lambda key: sealed(key[:8] + key[8:-6].upper()), ""),
    "with digits of another script": (lambda key: key.translate(FULL_WIDTH), "mistyped"),
    "with a letter that is none of ours": (lambda key: key[:-1] + "!", "mistyped"),
    "with a NUL": (lambda key: f"{key[:20]}\0{key[21:]}", "mistyped"),
    "of ten kilobytes": (lambda key: sealed(key[:-6] + "0" * 10_000), "mistyped"),
    "of a tenant beyond all ids": (lambda key: sealed(f"fh_test_{'z' * 22}_{key[-49:-6]}"), ""),
    "with another secret": (with_another_secret, ""),
}


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

    def test_more_than_its_maker_holds_is_refused(self, acme: Company):
        admin, body = acme.member("admin"), {"name": "CI", "scopes": ["projects:read", "tenant:own"]}
        answer = acme.call_as(admin, "POST", "/v1/api-keys", body=body)
        assert (answer.status, answer.code) == (403, "scopes_exceed_yours")
        assert acme.call("POST", "/v1/api-keys", body=body).status == 201, "the control: an owner holds it"

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

    @pytest.mark.parametrize("how", BAD)
    def test_a_bad_key_is_refused(self, acme: Company, how: str):
        spoil, reason = BAD[how]
        key = acme.key("projects:read")["secret"]
        answer = call("GET", "/v1/projects", token=spoil(key))
        assert (answer.status, answer.code) == (401, "api_key_refused"), how
        assert reason in answer.json["detail"]
        assert status(key) == 200, "the control"

    def test_a_secret_of_ours_in_a_key_of_the_neighbours_is_refused_though_it_is_well_formed(
        self, acme: Company, globex: Company
    ):
        ours = acme.key("projects:read")["secret"]
        theirs = ours.replace(tenant_ref(TenantId(acme.id)), tenant_ref(TenantId(globex.id)))[:-6]
        answer = call("GET", "/v1/projects", token=sealed(theirs))
        assert (answer.status, answer.code) == (401, "api_key_refused")
        assert "mistyped" not in answer.json["detail"], "it was refused at the door"
        assert sealed(ours[:-6]) == ours, "the control: that is how a key is sealed"

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
        new = rotated(acme, key)
        assert (status(new["secret"]), status(key["secret"]), new["previous_until"]) == (200, 401, None)

    def test_the_former_secret_is_good_until_the_overlap_is_over(self, acme: Company):
        key = acme.key("projects:read")
        new = rotated(acme, key, overlap_seconds=60)
        left = datetime.fromisoformat(new["previous_until"]) - datetime.now(UTC)
        assert timedelta(seconds=30) < left <= timedelta(seconds=60)
        assert (status(new["secret"]), status(key["secret"])) == (200, 200)
        acme.execute("update app.api_keys set previous_until = now() where id = %(id)s", id=key["id"])
        assert (status(new["secret"]), status(key["secret"])) == (200, 401)
        assert acme.call("GET", f"/v1/api-keys/{key['id']}").json["previous_until"] is None

    def test_the_next_rotation_ends_the_oldest_secret_at_once(self, acme: Company):
        first = acme.key("projects:read")
        second = rotated(acme, first, overlap_seconds=600)
        third = rotated(acme, first, overlap_seconds=600)
        assert [status(key["secret"]) for key in (first, second, third)] == [401, 200, 200]

    def test_one_without_an_overlap_ends_both_that_were_good(self, acme: Company):
        first = acme.key("projects:read")
        second = rotated(acme, first, overlap_seconds=600)
        third = rotated(acme, first, overlap_seconds=0)
        assert [status(key["secret"]) for key in (first, second, third)] == [401, 401, 200]
        assert third["previous_until"] is None

    def test_no_secret_is_good_for_longer_than_the_key(self, acme: Company):
        soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        body = {"name": "CI", "scopes": ["projects:read"], "expires_at": soon}
        key = acme.call("POST", "/v1/api-keys", body=body).json
        assert rotated(acme, key, overlap_seconds=7200)["previous_until"] == key["expires_at"]
        acme.execute("update app.api_keys set expires_at = now() where id = %(id)s", id=key["id"])
        assert status(key["secret"]) == 401

    @pytest.mark.parametrize("seconds", [-1, 7 * 24 * 3600 + 1, 10**30, 0.5, "x", None])
    def test_an_overlap_is_a_week_at_most(self, acme: Company, seconds: object):
        path = f"/v1/api-keys/{acme.key('projects:read')['id']}/rotate"
        assert acme.call("POST", path, body={"overlap_seconds": seconds}).status == 422
        assert acme.call("POST", path, body={"overlap_seconds": 7 * 24 * 3600}).status == 200

    def test_a_repetition_rotates_once_and_comes_without_the_secret(self, acme: Company):
        key = acme.key("projects:read")
        request = {"body": {"overlap_seconds": 60}, "headers": {"Idempotency-Key": "k"}}
        first, second = (acme.call("POST", f"/v1/api-keys/{key['id']}/rotate", **request).json for _ in range(2))
        assert (second["secret"], second["hint"]) == (None, first["hint"])
        assert (status(key["secret"]), status(first["secret"])) == (200, 200)

    def test_neither_secret_is_in_the_audit_trail_or_in_an_event(self, acme: Company):
        key = acme.key("projects:read")
        rotated(acme, key, overlap_seconds=60)
        [(change,)] = acme.execute(
            "select change from app.audit where action = 'api_keys.update' and row_id = %(id)s", id=key["id"]
        )
        assert change["secret_hash"] == change["previous_hash"] == ["***", "***"]
        assert change["previous_until"][1] is not None, "the control: what is no secret is there"
        [(data,)] = acme.execute(
            "select data from app.outbox where subject_id = %(id)s and type = 'api_key.rotated'", id=key["id"]
        )
        assert "previous_hash" not in data
        assert data["previous_until"] is not None

    def test_whoever_saw_the_new_secret_answers_for_both(self, acme: Company):
        key, admin = acme.key("projects:read"), acme.member("admin")
        new = rotated(acme, key, admin, overlap_seconds=600)
        assert (status(new["secret"]), status(key["secret"])) == (200, 200)
        acme.execute("update app.members set status = 'suspended' where subject = %(subject)s", subject=admin.subject)
        assert (status(new["secret"]), status(key["secret"])) == (401, 401)

    def test_who_does_not_hold_its_scopes_cannot_answer_for_it(self, acme: Company):
        key, admin = acme.key("tenant:own"), acme.member("admin")
        answer = acme.call_as(admin, "POST", f"/v1/api-keys/{key['id']}/rotate")
        assert (answer.status, answer.code) == (403, "exceeds_yours")
        assert acme.call_as(admin, "POST", f"/v1/api-keys/{acme.key('projects:read')['id']}/rotate").status == 200

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

    def test_ends_the_former_secret_too(self, acme: Company):
        key = acme.key("projects:read")
        new = rotated(acme, key, overlap_seconds=600)
        assert (status(key["secret"]), status(new["secret"])) == (200, 200)
        acme.call("DELETE", f"/v1/api-keys/{key['id']}")
        assert (status(key["secret"]), status(new["secret"])) == (401, 401)
        assert acme.call("GET", f"/v1/api-keys/{key['id']}").json["previous_until"] is None

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

    def test_says_when_a_key_was_last_let_in(self, acme: Company):
        used, unused = acme.key("projects:read"), acme.key("projects:read")
        assert status(used["secret"]) == 200
        shown = {key["id"]: key["last_used_at"] for key in acme.call("GET", "/v1/api-keys").json["items"]}
        assert datetime.fromisoformat(shown[used["id"]]) > datetime.now(UTC) - timedelta(minutes=1)
        assert shown[unused["id"]] is None
