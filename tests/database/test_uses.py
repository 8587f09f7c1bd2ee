"""The note that a key was used: it costs no trip, and whatever becomes of it, the request is answered as before."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from freehold import permissions
from freehold.api_keys import queries
from freehold.api_keys.secrets import read_key
from freehold.database import Database, KeyCaller
from freehold.database.login import conninfo
from freehold.database.uses import BETWEEN_NOTES, TOUCH, Uses
from freehold.errors import ApiKeyRefused, PermissionDenied
from freehold.ids import UUID
from local.companies import Company
from tests.wire import Wire

SCOPES = ("api_keys:read", "api_keys:write", "projects:read")


@pytest.fixture
def process(stage: None) -> Iterator[Database]:
    """One that has seen no key yet."""
    process = Database(conninfo("freehold_api"))
    yield process
    process.close()


@pytest.fixture
def key(acme: Company) -> dict[str, Any]:
    return acme.key(*SCOPES)


def caller(key: dict[str, Any]) -> KeyCaller:
    presented = read_key(key["secret"], "test")
    return KeyCaller(tenant_id=presented.tenant_id, secret_hash=presented.hash, request_id="r", address="")


def use(process: Database, key: dict[str, Any]) -> None:
    """Let the key in, to read itself."""
    process.one(caller(key), permissions.API_KEYS_READ, queries.api_key(key["id"]))


def notes(company: Company) -> list[tuple[Any, ...]]:
    return company.execute("select api_key_id, last_used_at from app.api_key_uses where tenant_id = %(tenant_id)s")


class TestNote:
    def test_is_made_once_and_costs_no_trip(self, process: Database, acme: Company, key: dict[str, Any], wire: Wire):
        process.connect()
        with wire.counting() as first:
            use(process, key)
        [noted] = notes(acme)
        wire.statements.discard(TOUCH.replace("%(tenant_id)s", "$1").replace("%(secret_hash)s", "$2"))
        with wire.counting() as second:
            use(process, key)
        assert (first, second, str(noted[0])) == ([1], [1], key["id"])
        assert notes(acme) == [noted]
        assert not any("touch_key" in statement for statement in wire.statements), "nothing more was sent"

    def test_is_made_behind_a_change_too(self, process: Database, acme: Company, key: dict[str, Any], wire: Wire):
        process.connect()
        with wire.counting() as counted:
            process.run(caller(key), permissions.API_KEYS_WRITE, queries.revoke_api_key(key["id"]))
        assert (counted, len(notes(acme))) == ([1], 1)

    def test_many_processes_make_one_in_five_minutes(self, process: Database, acme: Company, key: dict[str, Any]):
        another = Database(conninfo("freehold_api"))
        use(process, key)
        before = notes(acme)
        use(another, key)
        another.close()
        assert notes(acme) == before
        acme.execute(
            "update app.api_key_uses set last_used_at = now() - interval '6 minutes' where tenant_id = %(tenant_id)s"
        )
        third = Database(conninfo("freehold_api"))
        use(third, key)
        third.close()
        assert notes(acme) > before

    def test_one_by_the_former_secret_counts(self, process: Database, acme: Company, key: dict[str, Any]):
        acme.call("POST", f"/v1/api-keys/{key['id']}/rotate", body={"overlap_seconds": 60})
        use(process, key)
        assert len(notes(acme)) == 1

    def test_a_person_leaves_none(self, acme: Company):
        assert acme.call("GET", "/v1/projects").status == 200
        assert notes(acme) == []

    def test_shows_to_its_tenant_alone(self, process: Database, acme: Company, globex: Company, key: dict[str, Any]):
        use(process, key)
        seen = [
            process.one(caller(of), permissions.API_KEYS_READ, queries.api_keys(10, UUID(int=2**128 - 1)))
            for of in (key, globex.key(*SCOPES))
        ]
        assert [b'"last_used_at":null' in page for page in seen] == [False, True]


class TestRefused:
    def test_who_is_refused_at_the_door_leaves_no_note(self, process: Database, acme: Company, key: dict[str, Any]):
        with pytest.raises(PermissionDenied):
            process.one(caller(key), permissions.TENANT_READ, queries.api_key(key["id"]))
        acme.call("DELETE", f"/v1/api-keys/{key['id']}")
        with pytest.raises(ApiKeyRefused):
            use(process, key)
        assert notes(acme) == []

    def test_and_is_noted_once_it_is_let_in(self, process: Database, acme: Company, key: dict[str, Any]):
        with pytest.raises(PermissionDenied):
            process.one(caller(key), permissions.TENANT_READ, queries.api_key(key["id"]))
        use(process, key)
        assert len(notes(acme)) == 1


BROKEN = {
    "raises": "raise 'no note today';",
    "ends the connection": "perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(1);",
}


class TestTrouble:
    """The request has committed by then; nothing that happens to the note says otherwise."""

    @pytest.fixture
    def breaking(self, superuser: str) -> Iterator[Callable[[str], None]]:
        with psycopg.connect(superuser, autocommit=True) as connection:

            def breaking(how: str) -> None:
                connection.execute(
                    "create function public.spoil() returns trigger language plpgsql security definer as"
                    f" $$ begin {BROKEN[how]} return new; end $$;"
                    " create trigger spoil before insert on app.api_key_uses"
                    " for each row execute function public.spoil()".encode()
                )

            yield breaking
            connection.execute("drop trigger spoil on app.api_key_uses; drop function public.spoil")

    @pytest.mark.parametrize("how", BROKEN)
    def test_a_note_that_fails_changes_no_answer(
        self, process: Database, acme: Company, key: dict[str, Any], breaking: Callable[[str], None], how: str, caplog
    ):
        breaking(how)
        process.run(caller(key), permissions.API_KEYS_WRITE, queries.revoke_api_key(acme.key("projects:read")["id"]))
        assert (notes(acme), caplog.text.count("failed behind the commit")) == ([], 1)
        use(process, key)
        assert caplog.text.count("failed behind the commit") == 1, "it is not tried with each request"

    def test_a_table_that_is_locked_is_not_waited_for(
        self, process: Database, acme: Company, key: dict[str, Any], superuser: str
    ):
        with psycopg.connect(superuser) as holder:
            holder.execute("lock table app.api_key_uses in exclusive mode")
            use(process, key)
        assert notes(acme) == []

    def test_a_key_that_somebody_is_changing_is_skipped(
        self, process: Database, acme: Company, key: dict[str, Any], superuser: str
    ):
        with psycopg.connect(superuser) as holder:
            holder.execute("select from app.api_keys where id = %s for update", [key["id"]])
            use(process, key)
        assert notes(acme) == []

    def test_the_control_without_trouble_there_is_a_note(self, process: Database, acme: Company, key: dict[str, Any]):
        use(process, key)
        assert len(notes(acme)) == 1


class TestEveryFiveMinutes:
    def test_is_due_again_when_they_are_over(self, key: dict[str, Any]):
        now = [0.0]
        uses, who = Uses(clock=lambda: now[0]), caller(key)
        due = []
        for second in (0, 1, BETWEEN_NOTES - 1, BETWEEN_NOTES, BETWEEN_NOTES + 1):
            now[0] = second
            due.append(uses.due(who) is not None)
            if due[-1]:
                uses.sent(who)
        assert due == [True, False, False, True, False]
