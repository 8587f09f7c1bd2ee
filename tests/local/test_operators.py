"""`freehold operator`: what is typed becomes questions that the function answers."""

import pytest

from functions.operators.questions import QUESTION
from local.operators import options_of, questions_of

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
        assert len(asked("show", TENANT, *WHY)) == 5, "all of it, unless said"

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
