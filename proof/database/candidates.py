"""Values that a column might take, the likeliest first: text with its tenant's mark, then what checks ask for."""

import re
from collections.abc import Iterator

from proof.database.shape import Column, Relation
from proof.database.tenants import marked_uuid

type Value = str | None

_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_NUMBER = re.compile(r"(?<![\w.'])-?\d+(?:\.\d+)?(?![\w.'])")
_TEXTS = ("text", "character varying", "character", "name", "citext", '"char"')
_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision", "money")
_WORDS = ("x", "en", "US", "EUR", "UTC", "0", "#000000", "a/b", "1.0", "")
_MOMENTS = ("2031-02-03", "2001-02-03")
_FIXED = {
    "boolean": ("true", "false"),
    "timestamp with time zone": tuple(f"{day} 04:05:06+00" for day in _MOMENTS),
    "timestamp without time zone": tuple(f"{day} 04:05:06" for day in _MOMENTS),
    "date": _MOMENTS,
    "time without time zone": ("04:05:06",),
    "time with time zone": ("04:05:06+00",),
    "interval": ("1 hour", "-1 hour"),
    "inet": ("192.0.2.1",),
    "cidr": ("192.0.2.0/24",),
    "macaddr": ("08:00:2b:01:02:03",),
    "point": ("(1,1)",),
    "xml": ("<a/>",),
    "int4range": ("[1,2)",),
    "int8range": ("[1,2)",),
    "numrange": ("[1,2)",),
    "daterange": ("[2031-02-03,2031-02-04)",),
    "tstzrange": ("[2031-02-03 00:00+00,2031-02-04 00:00+00)",),
    "tsrange": ("[2031-02-03 00:00,2031-02-04 00:00)",),
}


def candidates(relation: Relation, column: Column, mark: str, number: int) -> list[Value]:
    """For the so-manieth row; None means NULL."""
    element = column.element if column.is_array else column.base
    plain = dict.fromkeys(_plain(relation, column, element, mark, number))
    values: list[Value] = [_array(value) if column.is_array else value for value in plain]
    if column.is_array:
        values.append("{}")
    return values if column.required else [*values, None]


def _plain(relation: Relation, column: Column, element: str, mark: str, number: int) -> Iterator[str]:
    said = _said_of(relation, column)
    if column.labels:
        yield from column.labels
    elif element in _TEXTS:
        fits = column.length or 1_000_000
        yield from (text for text in _marked(mark, number) if len(text) <= fits)
        yield from (text.replace("''", "'") for text in _LITERAL.findall(said))
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
    elif element == "tsvector":
        yield mark
    else:
        yield from _FIXED.get(element, ())


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


def _said_of(relation: Relation, column: Column) -> str:
    """The text of every check that looks at this column."""
    checks = (k.says for k in relation.constraints if k.kind == "c" and column.name in k.columns)
    return " ".join([*checks, relation.bound or ""])


def _array(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{"{escaped}"}}'
