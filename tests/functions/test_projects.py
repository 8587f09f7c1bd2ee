"""/v1/projects through its handler."""

import asyncio
import threading
import time
from uuid import uuid4

import psycopg
import pytest

from freehold.database import database
from local.companies import Company


class TestCreate:
    def test_answers_with_the_project_and_its_etag(self, acme: Company):
        answer = acme.call("POST", "/v1/projects", body={"name": "  Apollo  ", "description": "To the moon"})
        assert answer.status == 201
        assert answer.json["name"] == "Apollo"
        assert answer.headers["etag"] == '"1"'

    def test_a_viewer_may_not(self, acme: Company):
        answer = acme.call_as(acme.member("viewer"), "POST", "/v1/projects", body={"name": "Apollo"})
        assert (answer.status, answer.code) == (403, "permission_denied")
        assert answer.json["permission"] == "projects:write"

    def test_server_controlled_fields_are_refused(self, acme: Company, globex: Company):
        for field, value in {"tenant_id": str(globex.id), "id": str(uuid4()), "version": 7}.items():
            answer = acme.call("POST", "/v1/projects", body={"name": "Apollo", field: value})
            assert (answer.status, answer.code) == (422, "invalid_input")
            assert answer.json["errors"][0]["field"] == f"body.{field}"


class TestRead:
    def test_answers_with_what_was_created(self, acme: Company):
        project = acme.project("Apollo")
        assert acme.call("GET", f"/v1/projects/{project['id']}").json == project

    def test_the_neighbours_project_is_as_absent_as_none(self, acme: Company, globex: Company):
        theirs, none = globex.project()["id"], uuid4()
        answers = [acme.call("GET", f"/v1/projects/{which}") for which in (theirs, none)]
        bodies = [{**answer.json, "request_id": None} for answer in answers]
        assert [answer.status for answer in answers] == [404, 404]
        assert bodies[0] == bodies[1]


class TestList:
    def test_pages_newest_first(self, acme: Company):
        names = [acme.project(f"Project {number}")["name"] for number in range(5)]
        first = acme.call("GET", "/v1/projects", query={"limit": 3}).json
        second = acme.call("GET", "/v1/projects", query={"limit": 3, "cursor": first["next_cursor"]}).json
        assert [project["name"] for project in first["items"] + second["items"]] == names[::-1]
        assert second["next_cursor"] is None

    def test_an_exactly_full_page_is_the_last(self, acme: Company):
        for _ in range(2):
            acme.project()
        assert acme.call("GET", "/v1/projects", query={"limit": 2}).json["next_cursor"] is None

    def test_shows_each_project_as_reading_it_does(self, acme: Company):
        project = acme.project()
        acme.call("POST", f"/v1/projects/{project['id']}/archive")
        listed = acme.call("GET", "/v1/projects", query={"status": "archived"}).json["items"]
        assert listed == [acme.call("GET", f"/v1/projects/{project['id']}").json]

    def test_shows_a_project_of_the_largest_size(self, acme: Company):
        body = {"name": "🚀" * 200, "description": "🚀" * 2000}
        assert acme.call("POST", "/v1/projects", body=body).status == 201
        assert acme.call("GET", "/v1/projects").json["items"][0]["description"] == body["description"]

    def test_leaves_archived_ones_out(self, acme: Company):
        kept, archived = acme.project("kept"), acme.project("archived")
        acme.call("POST", f"/v1/projects/{archived['id']}/archive")
        assert [p["id"] for p in acme.call("GET", "/v1/projects").json["items"]] == [kept["id"]]
        assert len(acme.call("GET", "/v1/projects", query={"status": "all"}).json["items"]) == 2

    def test_never_shows_the_neighbours(self, acme: Company, globex: Company):
        globex.project()
        assert acme.call("GET", "/v1/projects").json["items"] == []


class TestChange:
    def test_changes_what_is_sent_and_keeps_the_rest(self, acme: Company):
        project = acme.call("POST", "/v1/projects", body={"name": "Apollo", "description": "To the moon"}).json
        answer = acme.call(
            "PATCH", f"/v1/projects/{project['id']}", body={"name": "Artemis"}, headers={"If-Match": '"1"'}
        )
        assert (answer.json["name"], answer.json["description"]) == ("Artemis", "To the moon")
        assert answer.headers["etag"] == '"2"'

    def test_a_stale_version_is_refused_and_nothing_changes(self, acme: Company):
        path = f"/v1/projects/{acme.project('Apollo')['id']}"
        acme.call("PATCH", path, body={"name": "First"}, headers={"If-Match": '"1"'})
        answer = acme.call("PATCH", path, body={"name": "Second"}, headers={"If-Match": '"1"'})
        assert (answer.status, answer.code) == (412, "precondition_failed")
        assert acme.call("GET", path).json["name"] == "First"

    def test_what_changes_nothing_counts_no_version_and_writes_no_audit(self, acme: Company):
        path = f"/v1/projects/{acme.project('Apollo')['id']}"
        for body in ({}, {"name": "Apollo"}, {"name": None}):
            answer = acme.call("PATCH", path, body=body, headers={"If-Match": '"1"'})
            assert (answer.status, answer.headers["etag"]) == (200, '"1"')
        assert acme.execute("select 1 from app.audit where tenant_id = %(tenant_id)s and action like '%%.update'") == []

    def test_if_match_is_required(self, acme: Company):
        answer = acme.call("PATCH", f"/v1/projects/{acme.project()['id']}", body={"name": "Second"})
        assert (answer.status, answer.code) == (428, "precondition_required")

    def test_any_version_with_a_star(self, acme: Company):
        path = f"/v1/projects/{acme.project()['id']}"
        assert acme.call("PATCH", path, body={"name": "New"}, headers={"If-Match": "*"}).status == 200

    def test_the_neighbours_project_is_absent_and_stays(self, acme: Company, globex: Company):
        path = f"/v1/projects/{globex.project('Theirs')['id']}"
        assert acme.call("PATCH", path, body={"name": "Mine"}, headers={"If-Match": "*"}).status == 404
        assert globex.call("GET", path).json["name"] == "Theirs"


class TestArchive:
    def test_twice_keeps_the_first_time(self, acme: Company):
        path = f"/v1/projects/{acme.project()['id']}/archive"
        first, second = acme.call("POST", path), acme.call("POST", path)
        assert first.status == second.status == 200
        assert first.json == second.json
        assert acme.execute(
            "select 1 from app.outbox where type = 'project.archived' and tenant_id = %(tenant_id)s"
        ) == [(1,)]

    @pytest.mark.parametrize(
        ("meanwhile", "status"),
        [
            ("update app.projects set archived_at = now(), version = version + 1 where id = %s", 200),
            ("delete from app.projects where id = %s", 404),
        ],
    )
    def test_sees_what_somebody_did_meanwhile(self, acme: Company, superuser: str, meanwhile: str, status: int):
        project, answers = acme.project()["id"], []

        def archive() -> None:
            answers.append(acme.call("POST", f"/v1/projects/{project}/archive", headers={"Idempotency-Key": "race"}))
            database().close()
            asyncio.get_event_loop().close()

        with psycopg.connect(superuser) as holder:
            holder.execute("set local session_replication_role = replica")
            holder.execute(meanwhile, [project])
            racer = threading.Thread(target=archive)
            racer.start()
            time.sleep(0.4)
            holder.commit()
            racer.join()
        assert answers[0].status == status
        if status == 200:
            assert answers[0].json == acme.call("GET", f"/v1/projects/{project}").json

    def test_the_neighbours_project_is_absent(self, acme: Company, globex: Company):
        project = globex.project()
        assert acme.call("POST", f"/v1/projects/{project['id']}/archive").status == 404
        assert globex.call("GET", f"/v1/projects/{project['id']}").json["archived_at"] is None


class TestDelete:
    def test_is_gone(self, acme: Company):
        path = f"/v1/projects/{acme.project()['id']}"
        assert acme.call("DELETE", path).status == 204
        assert acme.call("GET", path).status == 404
        assert acme.call("DELETE", path).status == 404

    def test_a_member_may_not(self, acme: Company):
        path = f"/v1/projects/{acme.project()['id']}"
        assert acme.call_as(acme.member("member"), "DELETE", path).status == 403

    def test_the_neighbours_project_is_absent_and_stays(self, acme: Company, globex: Company):
        path = f"/v1/projects/{globex.project()['id']}"
        assert acme.call("DELETE", path).status == 404
        assert globex.call("GET", path).status == 200
