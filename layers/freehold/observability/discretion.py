"""What an exception says of itself, without the values that it complains about, which are customers' data.

pydantic quotes its input and PostgreSQL the row. Where it happened and what went wrong stay.
"""

import traceback
from collections.abc import Iterator

from pydantic import ValidationError

BECAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
MEANWHILE = "\nDuring handling of the above exception, another exception occurred:\n\n"


def message_of(error: BaseException) -> str:
    """What went wrong, without what it went wrong with."""
    if isinstance(error, ValidationError):
        wrong = error.errors(include_url=False, include_input=False, include_context=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']} ({each['type']})" for each in wrong)
    state = getattr(error, "sqlstate", None)
    if state is None:
        return str(error)
    primary = getattr(getattr(error, "diag", None), "message_primary", None) or ""
    return f"{state} {primary.partition(': "')[0]}"  # `invalid input syntax for type uuid: "…"`


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
    yield f"{_name(type(error))}: {message_of(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _chain(each, seen)


def _name(kind: type[BaseException]) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
