"""Values that a column or an argument might take: text with its tenant's mark first, then what checks ask for."""

import re
from collections.abc import Iterator
from functools import cache
from random import Random

from hypothesis import Phase, find, settings
from hypothesis.errors import InvalidArgument, NoSuchExample
from hypothesis.strategies import from_regex

from proof.database.shape import Typed
from proof.database.tenants import marked_uuid, power

_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_NUMBER = re.compile(r"(?<![\w.'])-?\d+(?:\.\d+)?(?![\w.'])")
_TEXTS = ("text", "character varying", "character", "name", "citext", '"char"')
_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision", "money")
MOST = 10_000
_QUIETLY = settings(database=None, max_examples=50, phases=(Phase.generate, Phase.shrink))
_WORDS = ("x", "en", "US", "EUR", "UTC", "0", "#000000", "a/b", "1.0", "")
_MOMENTS = ("2031-02-03", "2001-02-03")
_FIXED = {
    "boolean": ("false", "true"),
    "timestamp with time zone": tuple(f"{day} 04:05:06+00" for day in _MOMENTS),
    "timestamp without time zone": tuple(f"{day} 04:05:06" for day in _MOMENTS),
    "date": _MOMENTS,
    "time without time zone": ("04:05:06",),
    "time with time zone": ("04:05:06+00",),
    "interval": ("1 hour", "-1 hour"),
    "inet": ("192.0.2.1",),
    "cidr": ("192.0.2.0/24",),
    "macaddr": ("08:00:2b:01:02:03",),
    "macaddr8": ("08:00:2b:01:02:03:04:05",),
    "point": ("(1,1)",),
    "box": ("(1,1),(0,0)",),
    "circle": ("<(1,1),1>",),
    "path": ("((1,1),(2,2))",),
    "polygon": ("((1,1),(2,2),(3,1))",),
    "lseg": ("((1,1),(2,2))",),
    "line": ("{1,1,1}",),
    "tsquery": ("a",),
    "jsonpath": ("$.a",),
    "tstzmultirange": ("{[2031-02-03 00:00+00,2031-02-04 00:00+00)}",),
    "datemultirange": ("{[2031-02-03,2031-02-04)}",),
    "int4multirange": ("{[1,2)}",),
    "xml": ("<a/>",),
    "int4range": ("[1,2)",),
    "int8range": ("[1,2)",),
    "numrange": ("[1,2)",),
    "daterange": ("[2031-02-03,2031-02-04)",),
    "tstzrange": ("[2031-02-03 00:00+00,2031-02-04 00:00+00)",),
    "tsrange": ("[2031-02-03 00:00,2031-02-04 00:00)",),
}


def candidates(typed: Typed, mark: str, number: int, *, said: str = "") -> list[str]:
    """For the so-manieth row or call. `said` is the text of the checks that they will meet."""
    element = typed.element if typed.is_array else typed.base
    plain = list(dict.fromkeys(_plain(typed, element, mark, number, said)))
    if not typed.is_array:
        return plain
    first = [power(mark)] if element in _TEXTS else []
    return [*map(_array, [*first, *plain]), "{}"]


def _plain(typed: Typed, element: str, mark: str, number: int, said: str) -> Iterator[str]:
    if typed.labels:
        yield from typed.labels
    elif element in _TEXTS:
        fits = typed.length or 1_000_000
        yield from (text for text in _marked(mark, number) if len(text) <= fits)
        literals = [text.replace("''", "'") for text in _LITERAL.findall(said)]
        yield from literals
        yield from (text for pattern in literals for text in _like(pattern, mark))
        yield from ((mark * 10)[: int(size)] for size in _NUMBER.findall(said) if size.isdigit() and int(size) < MOST)
        yield from _WORDS
    elif element in _NUMBERS:
        yield str(number + 1)
        for text in ("0", "100", *_NUMBER.findall(said)):
            yield from (text, str(float(text) + 1).removesuffix(".0"), str(float(text) - 1).removesuffix(".0"))
    elif element == "uuid":
        yield marked_uuid(mark)
    elif element in {"json", "jsonb"}:
        yield from (f'{{"mark": "{mark} {number}"}}', f'["{mark}"]', f'"{mark}"', "{}", "[]")
    elif element == "bytea":
        yield "\\x" + f"{mark}-{number}".encode().hex()
        yield from ("\\x" + mark.encode().hex()[:2] * int(size) for size in _NUMBER.findall(said) if size.isdigit())
    elif element == "tsvector":
        yield mark
    elif element.startswith("bit"):
        yield from ("1" * (typed.length or 1), "0" * (typed.length or 1))
    else:
        yield from _FIXED.get(element, ())
        yield from _LITERAL.findall(said)


@cache
def _like(pattern: str, mark: str) -> tuple[str, ...]:
    """A text that a regular expression accepts, if there is one: sought once, for that takes a second."""
    try:
        accepted = find(from_regex(pattern, fullmatch=True), lambda _: True, settings=_QUIETLY, random=Random(mark))  # noqa: S311 (a sample, not a secret)
    except (re.error, NoSuchExample, InvalidArgument):
        return ()
    return (accepted,)


def _marked(mark: str, number: int) -> Iterator[str]:
    """Sentence, address, e-mail, slug, word: whatever a check may want."""
    yield f"of {mark}, row {number}"
    yield f"{mark}-{number}@example.test"
    yield f"https://{mark}-{number}.example.test/"
    yield f"c-{mark}-{number}"
    yield f"C{mark}{number}".upper()
    yield f"c{mark}{number}"
    yield f"+49{int(mark, 16) % 10**9}{number}"
    yield f"{mark}{number}"[:12]


def _array(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"{escaped}"}}'
