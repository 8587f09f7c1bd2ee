"""Whatever is refused to some and allowed to others names its rule, whoever asks and in whatever dialect."""

import json
from collections.abc import Iterator

import pytest

from freehold.errors import ApiError, LimitReached, NotFound, Unauthenticated
from freehold.http import ofrep, problems, scim

PRO = "plan:pro"
DIALECTS = {"plain": problems.render, "SCIM": scim.render, "OFREP": ofrep.render}


def below(kind: type[ApiError]) -> Iterator[type[ApiError]]:
    """Every error there is."""
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


BY_A_RULE = [error for error in below(ApiError) if error.status in problems.BY_A_RULE]
OTHERS = [NotFound, Unauthenticated, ApiError]


def said(dialect: str, error: ApiError) -> str:
    """All of it, as whoever asks reads it."""
    return DIALECTS[dialect](error, "01J").body.decode()


@pytest.mark.usefixtures("stage")  # where to pay is a setting
@pytest.mark.parametrize("dialect", DIALECTS)
class TestRules:
    @pytest.mark.parametrize("error", BY_A_RULE)
    def test_are_named_by_every_refusal_for_a_reason(self, dialect: str, error: type[ApiError]):
        assert error.rule
        assert error.rule in said(dialect, error())

    @pytest.mark.parametrize("error", BY_A_RULE)
    def test_are_as_narrow_as_whoever_refuses_knows(self, dialect: str, error: type[ApiError]):
        assert PRO in said(dialect, error(rule=PRO))
        assert PRO not in said(dialect, error()), "the control"

    def test_name_the_permission_that_is_lacking(self, dialect: str):
        [denied] = [error for error in BY_A_RULE if error.code == "permission_denied"]
        assert "permission:members:write" in said(dialect, denied(permission="members:write"))

    @pytest.mark.parametrize("error", OTHERS)
    def test_are_nothing_to_what_everybody_is_refused(self, dialect: str, error: type[ApiError]):
        assert problems.rule_of(error()) is None
        assert "rule" not in json.loads(said(dialect, error()))
        assert "(" not in said(dialect, error())

    def test_of_a_full_seat_are_named(self, dialect: str):
        assert PRO in said(dialect, LimitReached(limit="seats", most=3, used=3, rule=PRO, lifts=[]))


@pytest.mark.usefixtures("stage")
class TestScim:
    def test_says_the_rule_in_its_sentence_for_it_has_no_member_for_it(self):
        [too_often] = [error for error in BY_A_RULE if error.code == "rate_limited"]
        document = json.loads(said("SCIM", too_often(rule="plan:pro/rate:directory")))
        assert document["detail"].endswith(" (plan:pro/rate:directory)")
        assert document.keys() == {"schemas", "status", "detail"}


class TestLimitReached:
    def test_says_what_gives_more_where_something_does(self):
        assert "`lifts`" in LimitReached(lifts=["pro"]).detail
        assert "`lifts`" in LimitReached().detail, "as the list of all errors has it"

    def test_says_where_nothing_does(self):
        refused = LimitReached(lifts=[])
        assert "`lifts`" not in refused.detail
        assert "write to us" in refused.detail
        assert LimitReached("Another sentence.", lifts=[]).detail == "Another sentence."
