"""Two who do the same at once: a tenant keeps an owner, and an invitation makes one member.

`RACES=1000 .venv/bin/python -m pytest tests/functions/test_member_races.py` runs each so many times.
"""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from freehold.database import database
from local.companies import Company
from local.gateway import Answer
from tests.functions.guests import guest, invite, joined, mailed, member_id

RACES = int(os.environ.get("RACES", "25"))
ANY_VERSION = {"If-Match": "*"}
REFUSED = {"last_owner", "permission_denied", "not_a_member", "busy", "exceeds_yours", "not_found", "session_ended"}


class Runners:
    """Threads that begin at the same moment."""

    def __init__(self, many: int) -> None:
        self._line = threading.Barrier(many)
        self._pool = ThreadPoolExecutor(many)
        self._many = many

    def race(self, *requests: Callable[[], Answer]) -> list[Answer]:
        """The answer of each."""

        def run(request):
            self._line.wait(10)
            return request()

        return list(self._pool.map(run, requests))

    def close(self) -> None:
        def leave(_):
            self._line.wait(10)
            database().close()
            asyncio.get_event_loop().close()

        list(self._pool.map(leave, range(self._many)))
        self._pool.shutdown()


@pytest.fixture
def two():
    runners = Runners(2)
    yield runners
    runners.close()


def owners(company: Company) -> int:
    rows = company.execute(
        "select id from app.members where tenant_id = %(tenant_id)s and role = 'owner' and status = 'active'"
    )
    return len(rows)


def restore(company: Company) -> None:
    company.execute(
        "update app.members set role = 'owner', status = 'active', sessions_ended_at = null"
        " where tenant_id = %(tenant_id)s"
    )


class TestOwners:
    @pytest.mark.parametrize("what", ["demote", "suspend", "remove", "leave", "hand over"])
    def test_who_end_each_other_leave_one(self, acme: Company, two: Runners, what):
        other = joined(acme, "owner").person
        first, second = member_id(acme, acme.owner), member_id(acme, other)

        def act(person, target) -> Answer:
            path = f"/v1/members/{target}"
            match what:
                case "demote":
                    body = {"role": "admin"}
                    return acme.call_as(person, "PATCH", path, body=body, headers=ANY_VERSION)
                case "suspend":
                    return acme.call_as(person, "POST", f"{path}/suspend")
                case "remove":
                    return acme.call_as(person, "DELETE", path)
                case "leave":
                    return acme.call_as(person, "POST", "/v1/members/me/leave")
                case _:
                    return acme.call_as(person, "POST", f"{path}/make-owner")

        seen: Counter[str] = Counter()
        for _ in range(RACES):
            answers = two.race(lambda: act(acme.owner, second), lambda: act(other, first))
            done = sum(answer.status < 300 for answer in answers)
            assert owners(acme) >= 1, answers
            assert {answer.code for answer in answers if answer.status >= 300} <= REFUSED, answers
            seen[f"{done} of 2"] += 1
            restore(acme)
        assert what == "hand over" or seen["1 of 2"] > 0, seen


class TestAcceptances:
    def test_of_one_invitation_make_one_member(self, acme: Company, two: Runners):
        for number in range(RACES):
            who = guest(acme)
            others = guest(acme, email=who.email) if number % 2 else who
            invitation = invite(acme, who.email)
            token, again = mailed(acme, invitation), mailed(acme, invitation)
            answers = two.race(lambda: who.accept(token), lambda: others.accept(again))  # noqa: B023 (run at once)
            assert sorted(answer.status for answer in answers) in ([200, 200], [200, 404]), answers
            made = acme.execute(
                "select accepted_by from app.invitations i join app.members m on m.tenant_id = i.tenant_id"
                " and lower(m.email) = lower(i.email) where i.id = %(i)s",
                i=invitation["id"],
            )
            assert len(made) == 1
            if others is not who:
                assert sorted(answer.status for answer in answers) == [200, 404]
