"""What an exception quotes does not reach the log: neither pydantic's input nor PostgreSQL's rows."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from pydantic import BaseModel, ValidationError

from freehold.observability import logger

ADDRESS = "ada@example.com"
TABLE = "create temporary table people (address text primary key)"
INSERT = "insert into people values (%s)"


class Person(BaseModel):
    name: str
    age: int


@pytest.fixture
def connection(superuser: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute(INSERT, [ADDRESS])
        yield connection


def logged(lines: Callable[[], list[dict[str, Any]]], do: Callable[[], object]) -> dict[str, Any]:
    """The line about what it raises."""
    try:
        do()
    except Exception:  # noqa: BLE001 (whatever it is)
        logger.exception("it failed")
    [line] = lines()
    assert ADDRESS not in json.dumps(line)
    assert "test_log.py" in line["exception"], "where it happened"
    return line


def validate() -> None:
    Person.model_validate({"name": ADDRESS, "age": ADDRESS})


def test_pydantics_input_is_left_out(lines):
    with pytest.raises(ValidationError, match=ADDRESS):
        validate()
    line = logged(lines, validate)
    assert line["exception"].endswith(
        "ValidationError: age: Input should be a valid integer, unable to parse string as an integer (int_parsing)"
    )
    assert "in validate" in line["exception"]


def test_postgresqls_row_is_left_out(lines, connection: psycopg.Connection):
    with pytest.raises(psycopg.errors.UniqueViolation, match=ADDRESS):
        connection.execute(INSERT, [ADDRESS])
    line = logged(lines, lambda: connection.execute(INSERT, [ADDRESS]))
    assert line["exception"].endswith(
        'UniqueViolation: 23505 duplicate key value violates unique constraint "people_pkey"'
    )


def test_a_value_that_postgresql_cannot_read_is_left_out(lines, connection: psycopg.Connection):
    with pytest.raises(psycopg.DataError, match=ADDRESS):
        connection.execute("select %s::text::uuid", [ADDRESS])
    line = logged(lines, lambda: connection.execute("select %s::text::uuid", [ADDRESS]))
    assert line["exception"].endswith("InvalidTextRepresentation: 22P02 invalid input syntax for type uuid")


@pytest.mark.parametrize("cause", [True, False], ids=["cause", "context"])
def test_so_it_is_along_the_chain(lines, connection: psycopg.Connection, *, cause: bool):
    def fail() -> None:
        try:
            connection.execute(INSERT, [ADDRESS])
        except psycopg.Error as error:
            if cause:
                raise LookupError("no such person") from error
            raise LookupError("no such person")  # noqa: B904 (which is the case)

    written = logged(lines, fail)["exception"]
    assert "23505" in written
    assert written.count("Traceback") == 2
    assert ("direct cause" if cause else "During handling") in written


def test_what_was_hidden_on_purpose_stays_hidden(lines):
    def fail() -> None:
        try:
            validate()
        except ValidationError:
            raise LookupError("no such person") from None

    assert "ValidationError" not in logged(lines, fail)["exception"]


def test_each_of_a_group_is_told(lines, connection: psycopg.Connection):
    def fail() -> None:
        errors = []
        for do in (validate, lambda: connection.execute(INSERT, [ADDRESS])):
            try:
                do()
            except Exception as error:  # noqa: BLE001 (whatever it is)
                errors.append(error)
        raise ExceptionGroup("both", errors)

    written = logged(lines, fail)["exception"]
    assert "int_parsing" in written
    assert "23505" in written


def test_an_error_given_as_a_value_is_told_likewise(lines):
    with pytest.raises(ValidationError) as raised:
        validate()
    logger.warning("it failed", why=raised.value)
    [line] = lines()
    assert line["why"].startswith("age: ")
    assert ADDRESS not in json.dumps(line)
