"""A value that cannot be accepted is refused in our words, and not in those of the library that read it."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import pytest
from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError

from freehold.billing.models import WantedChange
from freehold.fields import Moment, Name, visible
from freehold.usage.models import UsageEvent
from freehold.wording import worded
from local.companies import Company


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


CASES = [
    (list[int], None, "It has to be a list"),
    (UsageEvent, [], "It has to be an object"),
    (UsageEvent, {"id": "1"}, "It is missing"),
    (UsageEvent, {"id": "1", "meter": "m", "more": 1}, "There is no such field"),
    (str, 7, "It has to be text"),
    (int, "x", "It has to be a whole number"),
    (int, 1.5, "It has to be a whole number"),
    (float, "x", "It has to be a number"),
    (bool, "perhaps", "It has to be true or false"),
    (UUID, "x", "It has to be a UUID"),
    (date, "2027-02-31", "It has to be a day, like 2027-01-31"),
    (Moment, "2027-02-31", "It has to be a moment with its offset from UTC, like 2027-01-31T12:00:00Z"),
    (Moment, "2027-01-31T12:00:00", "It has to be a moment with its offset from UTC, like 2027-01-31T12:00:00Z"),
    (Literal["month", "year"], "day", "It has to be 'month' or 'year'"),
    (Colour, "green", "It has to be 'red' or 'blue'"),
    (Annotated[int, Field(ge=1, le=9)], 0, "It has to be 1 or more"),
    (Annotated[int, Field(ge=1, le=9)], 10, "It has to be 9 or less"),
    (Annotated[int, Field(gt=1)], 1, "It has to be more than 1"),
    (Annotated[int, Field(lt=1)], 1, "It has to be less than 1"),
    (Name, "", "It has to be at least 1 characters long"),
    (Name, "x" * 201, "It has to be at most 200 characters long"),
    (Annotated[str, StringConstraints(pattern="^[a-z]+$")], "A", "It has to match the pattern ^[a-z]+$"),
    (Annotated[list[int], Field(min_length=1)], [], "It has to hold 1 or more, and holds 0"),
    (Annotated[list[int], Field(max_length=1)], [1, 2], "It holds too many: 1 are the most"),
    (Annotated[str, AfterValidator(visible)], "a\tb", "It contains control characters"),
    (WantedChange, {}, "Name what to change, or the preview of it"),
]


@pytest.mark.parametrize(("kind", "given", "says"), CASES)
def test_a_value_is_refused_in_a_sentence(kind, given, says):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(given)
    assert [worded(error) for error in refused.value.errors()] == [says]


class TestARequest:
    @pytest.mark.parametrize(
        ("path", "raw", "says"),
        [
            ("/v1/usage/events", b"null", "It has to be a list"),
            ("/v1/billing/change", b"{}", "Name what to change, or the preview of it"),
            ("/v1/projects", b"{}", "It is missing"),
        ],
    )
    def test_is_refused_in_the_same_words_by_every_route(self, acme: Company, path, raw, says):
        answer = acme.call("POST", path, raw=raw)
        assert (answer.status, answer.code) == (422, "invalid_input")
        assert [error["message"] for error in answer.json["errors"]] == [says]
