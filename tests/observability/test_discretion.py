"""What is shown of an exception: what went wrong and where, and not with which value."""

import socket
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from freehold.errors import Unavailable
from freehold.messaging.batch import Unreadable
from freehold.messaging.periods import period
from freehold.observability import logger, message_of
from freehold.observability.discretion import told
from tests.observability.conftest import Log

VALUE = "ada@example.com"


def raised(work: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011 (whatever it is)
        work()
    return caught.value


def of_ours(source: str) -> Callable[[], Any]:
    """A function of a module of ours."""
    made: dict[str, Any] = {"__name__": "freehold.made_up", "value": VALUE}
    exec(f"def work():\n    {source}\n", made)  # noqa: S102 (written here)
    return made["work"]


def fails() -> None:
    raise ValueError(VALUE)


class TestWordsOfOurs:
    def test_are_shown_of_our_own_types(self):
        assert message_of(Unreadable("it has no id")) == "it has no id"
        assert message_of(raised(lambda: (_ for _ in ()).throw(Unavailable("later")))) == "later"

    def test_are_shown_of_any_type_that_we_raise(self):
        error = raised(of_ours("raise LookupError('CloudWatch answered Forbidden.')"))
        assert message_of(error) == "CloudWatch answered Forbidden."
        assert "\nLookupError: CloudWatch answered Forbidden." in told(error)


class TestWordsOfOthers:
    @pytest.mark.parametrize(
        ("source", "name"),
        [
            ("int(value)", "ValueError"),
            ("{}[value]", "KeyError"),
            ("value.encode('ascii').decode('x' + value)", "LookupError"),
        ],
        ids=["value", "key", "codec"],
    )
    def test_are_left_out_where_a_call_of_ours_leads_to_them(self, source: str, name: str):
        error = raised(of_ours(source))
        assert VALUE in str(error)
        assert message_of(error) == name
        assert told(error).endswith(f"\n{name}")
        assert VALUE not in told(error)

    def test_are_left_out_where_they_are_raised_elsewhere(self):
        assert message_of(raised(fails)) == message_of(ValueError(VALUE)) == "ValueError"
        assert message_of(raised(lambda: period({"scheduled_at": VALUE}, "day"))) == "ValueError"

    def test_of_the_system_are_its_code(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            error = raised(lambda: socket.create_connection(("127.0.0.1", unused.getsockname()[1])))
        assert message_of(error) == "ECONNREFUSED"
        assert message_of(raised(lambda: open(f"/nowhere/{VALUE}"))) == "ENOENT"  # noqa: PTH123, SIM115 (it fails)

    def test_of_aws_are_the_operation_and_the_code(self):
        answer = {"Error": {"Code": "AccessDenied", "Message": f"{VALUE} may not"}}
        assert message_of(ClientError(answer, "PutObject")) == "PutObject: AccessDenied"


class TestWordsOfTheDatabase:
    @pytest.mark.parametrize(
        ("statement", "says"),
        [
            (f"select '{VALUE}'::uuid", "22P02 invalid input syntax for type uuid"),
            ("select lpad('9', 12, '9')::int", '22003 value "…" is out of range for type integer'),
            ("select from there_is_none", '42P01 relation "there_is_none" does not exist'),
        ],
        ids=["syntax", "range", "name"],
    )
    def test_are_shown_without_values(self, superuser: str, statement: str, says: str):
        with psycopg.connect(superuser) as connection:
            assert message_of(raised(lambda: connection.execute(statement))) == says

    def test_are_shown_of_a_connection_that_failed(self):
        error = raised(lambda: psycopg.connect("host=127.0.0.1 port=1 connect_timeout=1"))
        assert "Connection refused" in message_of(error)

    def test_are_left_out_where_the_client_complains(self):
        assert message_of(psycopg.ProgrammingError(f"cannot adapt {VALUE}")) == "ProgrammingError"


class TestNotes:
    def test_are_in_no_line(self, log: Log):
        error = Unreadable("it has no id")
        error.add_note(f"while reading {VALUE}")
        logger.error("failed", exc_info=error)
        [line] = log.of("failed")
        assert line["stack_trace"]["value"] == "it has no id"
        assert VALUE not in log.text
