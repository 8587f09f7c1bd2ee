"""`freehold operator`: what is typed becomes questions that the function answers."""

import pytest

from functions.operators.questions import QUESTION
from local.errors import LocalError
from local.operators import answer_to, options_of, questions_of

TENANT, OTHER = "01a1fac8-0000-7000-8000-000000000001", "01a1fac8-0000-7000-8000-000000000002"
WHY = ("--reason", "Ticket 4711: nothing arrives")


def asked(*words: str) -> list[dict[str, object]]:
    return questions_of(options_of(words))


class TestQuestions:
    @pytest.mark.parametrize(
        "words",
        [
            ("tenants", "acme", *WHY),
            ("show", TENANT, *WHY),
            ("act-as", TENANT, OTHER, *WHY),
            ("act-as", TENANT, OTHER, "--minutes", "60", *WHY),
            ("end", TENANT, OTHER),
            ("end", TENANT, OTHER, *WHY),
        ],
    )
    def test_are_such_as_the_function_knows(self, words: tuple[str, ...]):
        assert all(QUESTION.validate_python(question) for question in asked(*words))

    def test_of_a_look_are_one_for_each_line_that_the_tenant_reads(self):
        errands = [question["errand"] for question in asked("show", TENANT, "jobs", "webhooks", *WHY)]
        assert errands == ["jobs:read", "webhooks:read"]
        assert len(asked("show", TENANT, *WHY)) == 6, "all of it, unless said"

    @pytest.mark.parametrize(
        "words",
        [
            ("tenants", "acme"),
            ("show", TENANT),
            ("act-as", TENANT, OTHER),
            ("show", TENANT, "secrets", *WHY),
            ("act-as", TENANT, OTHER, "--minutes", "long", *WHY),
            (),
        ],
    )
    def test_that_lack_a_reason_or_make_no_sense_are_not_asked(self, words: tuple[str, ...]):
        with pytest.raises(SystemExit, match="2"):
            asked(*words)

    @pytest.mark.parametrize("until", ["2027-02-31", "soon"])
    def test_of_a_day_that_there_is_not_say_what_a_day_looks_like(self, until: str, capsys):
        grant = ("grant-access", TENANT, "--until")
        assert asked(*grant, "2027-01-31", *WHY)[0]["until"] == "2027-01-31T00:00:00+00:00"
        with pytest.raises(SystemExit, match="2"):
            asked(*grant, until, *WHY)
        assert f"{until!r} is no day and no moment: write 2027-01-31" in capsys.readouterr().err


class TestAnswers:
    @pytest.mark.parametrize("words", [("end-grant", TENANT, OTHER), ("end", TENANT, OTHER)])
    def test_that_nothing_has_ended_are_refusals(self, words: tuple[str, ...]):
        [question] = asked(*words)
        assert answer_to(lambda _: {"ended": True}, question) == {"ended": True}
        with pytest.raises(LocalError, match="has ended before, or this tenant has none of this id"):
            answer_to(lambda _: {"ended": False}, question)
