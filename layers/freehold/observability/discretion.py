"""What an exception says of itself, without the values that it complains about, which are customers' data.

pydantic quotes its input, PostgreSQL the row, Python and libraries whatever they were given. Where it happened and what
went wrong stay: words that somebody has written here are shown, and of all others the type.
"""

import errno
import re
import traceback
from collections.abc import Iterator
from opcode import opmap

from pydantic import ValidationError

OURS = frozenset({"freehold", "functions", "product"})
"""The packages whose words are known to hold nothing that was sent."""
_RAISE = opmap["RAISE_VARARGS"]
DATA = "22"
"""The class of states that say what is wrong with a value: https://www.postgresql.org/docs/18/errcodes-appendix.html"""
_IN_QUOTES = re.compile(r'".*"', re.DOTALL)

BECAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
MEANWHILE = "\nDuring handling of the above exception, another exception occurred:\n\n"


def message_of(error: BaseException) -> str:
    """What went wrong, without what it went wrong with."""
    if isinstance(error, ValidationError):
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']} ({each['type']})" for each in wrong)
    return _of_the_database(error) or _of_aws(error) or _of_the_system(error) or _in_words_of_ours(error)


def _of_the_database(error: BaseException) -> str:
    """Its state and what PostgreSQL says first; of a connection that failed, what libpq says, which knows no rows."""
    if state := getattr(error, "sqlstate", None):
        primary: str = getattr(getattr(error, "diag", None), "message_primary", None) or ""
        said = primary.partition(': "')[0]  # `invalid input syntax for type uuid: "…"`
        return f"{state} {_IN_QUOTES.sub('"…"', said) if state.startswith(DATA) else said}"
    is_of_libpq = hasattr(error, "sqlstate") and any(
        kind.__name__ == "OperationalError" for kind in type(error).__mro__
    )
    return str(error) if is_of_libpq else ""


def _of_aws(error: BaseException) -> str:
    """The code and the operation of botocore's ClientError; what AWS says besides quotes what it was asked."""
    operation, response = getattr(error, "operation_name", None), getattr(error, "response", None)
    if not operation or not isinstance(response, dict):
        return ""
    return f"{operation}: {response.get('Error', {}).get('Code', 'no code')}"


def _of_the_system(error: BaseException) -> str:
    """`ECONNREFUSED`, without the name of the file or the host."""
    return errno.errorcode.get(error.errno or 0, "") if isinstance(error, OSError) else ""


def _in_words_of_ours(error: BaseException) -> str:
    is_ours = _is_ours(type(error).__module__) or _was_raised_by_us(error)
    return str(error) if is_ours else type(error).__qualname__


def _was_raised_by_us(error: BaseException) -> bool:
    """By a `raise` of ours: what a call raises that is not written in Python has no frame of its own."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None or not _is_ours(trace.tb_frame.f_globals.get("__name__", "")):
        return False
    return trace.tb_frame.f_code.co_code[trace.tb_lasti] == _RAISE


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in OURS


def told(error: BaseException) -> str:
    """As Python writes it, with its causes."""
    return "".join(_chain(error, set())).rstrip("\n")


def _chain(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before and id(before) not in seen:
        yield from _chain(before, seen)
        yield BECAUSE if error.__cause__ else MEANWHILE
    if error.__traceback__:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    message = message_of(error)
    yield f"{_name(type(error))}\n" if message == type(error).__qualname__ else f"{_name(type(error))}: {message}\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _chain(each, seen)


def _name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
