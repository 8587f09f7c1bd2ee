"""Reads tables of TOML key by key, and notes all that is wrong with them instead of ending at the first."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

type Path = tuple[str | int, ...]

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONGEST = 200
_DIGITS = 12
_ENDLESS = 10**40
_YEARS = range(2000, 2200)
_HEADING = re.compile(r"\s*\[{1,2}([^\[\]]+)\]{1,2}\s*(?:#.*)?$")
_ENTRY = re.compile(r"\s*([A-Za-z0-9_.\-\"' ]+?)\s*=")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at this key; `beside` is another one that it was compared with."""

    path: Path
    says: str
    beside: Path | None = None

    def sentence(self, lines: Mapping[Path, int]) -> str:
        """With its line, or that of the nearest table around it."""
        around = (lines.get(self.path[:length]) for length in range(len(self.path), 0, -1))
        line = next((each for each in around if each), None)
        return f"{f'line {line}: ' if line else ''}{f'{shown(self.path)} ' if self.path else ''}{self.says}"


class Table:
    """A table of the file: whoever reads takes its keys one after the other, and `done` minds what is left.

    What cannot be read is noted and comes back as something harmless, so that reading goes on.
    """

    def __init__(self, problems: list[Problem], path: Path, values: Mapping[str, Any]) -> None:
        self.path = path
        self._problems = problems
        self._values = values
        self._asked: set[str] = set()
        self._before = len(problems)

    def __contains__(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._values

    @property
    def well(self) -> bool:
        """Whether nothing was wrong with it so far."""
        return len(self._problems) == self._before

    def wrong(self, says: str, *keys: str | int) -> None:
        """Note it."""
        self._problems.append(Problem((*self.path, *keys), says))

    def text(self, key: str, *, otherwise: str | None = None) -> str:
        """Words for people to read."""
        found = self._take(key, str, "words between quotation marks", otherwise=otherwise)
        if found is None:
            return ""
        if not (found == otherwise or (found.strip() and found.isprintable() and len(found) <= _LONGEST)):
            self.wrong(f"must be one line of 1 to {_LONGEST} characters.", key)
        return found

    def whole(self, key: str, *, least: int, most: int, of: str, otherwise: int | None = None) -> int:
        """A whole number within these bounds."""
        found = self._take(key, int, f"a whole number of {of} from {least} to {most}", otherwise=otherwise)
        if found is not None and not least <= found <= most:
            self.wrong(f"is {_brief(found)}, and must be a whole number of {of} from {least} to {most}.", key)
            return least
        return least if found is None else found

    def decimal(self, key: str, *, most: int) -> Decimal:
        """A number between quotation marks, which keep it exact, of at most twelve decimals."""
        found = self._take(key, str, 'a number between quotation marks, like "0.1"')
        if found is None:
            return Decimal(0)
        try:
            number = Decimal(found) if re.fullmatch(r"\d{1,12}(\.\d+)?", found, re.ASCII) else None
        except InvalidOperation:
            number = None
        if number is None or number > most:
            self.wrong(f'is "{found}", and must be a number like "0.1", from 0 to {most}.', key)
            return Decimal(0)
        if len(found.partition(".")[2]) > _DIGITS:
            self.wrong(f"has more than {_DIGITS} decimals, and Stripe takes no more.", key)
        return number

    def flag(self, key: str) -> bool:
        """True or false; false where nothing is said."""
        return bool(self._take(key, bool, "true or false", otherwise=False))

    def share(self, key: str) -> float:
        """A part of a whole: more than 0, and 1 for all of it."""
        found = self._values.get(key)
        self._asked.add(key)
        if isinstance(found, int | float) and not isinstance(found, bool) and 0 < found <= 1:
            return found
        says = f"is {_brief(found)}, and" if key in self._values else "is missing: it"
        self.wrong(f"{says} must be a number above 0, and 1 at most, like 0.5.", key)
        return 1

    def holds_table(self, key: str) -> bool:
        """Whether a table stands there in place of another value."""
        return isinstance(self._values.get(key), dict)

    def says(self, key: str, word: str) -> bool:
        """Whether this word stands there in place of another value."""
        found: bool = self._values.get(key) == word
        if found:
            self._asked.add(key)
        return found

    def moment(self, key: str, *, needed: bool = False) -> datetime | None:
        """With its offset; None where nothing is said."""
        if key not in self and not needed:
            return None
        found = self._take(key, datetime, "a moment like 2027-01-31T00:00:00Z")
        if found is None:
            return None
        if found.tzinfo is None:
            self.wrong("says no offset: end it with Z for UTC.", key)
            return None
        if found.year not in _YEARS:
            self.wrong(f"is {found}, and must lie in the years {_YEARS[0]} to {_YEARS[-1]}.", key)
            return None
        return found

    def choice[C: str](self, key: str, among: Collection[C], *, otherwise: C | None = None) -> C:
        """One of these."""
        found = self._take(key, str, f"one of {listed(among)}", otherwise=otherwise)
        chosen = next((each for each in among if each == found), None)
        if found is not None and chosen is None:
            self.wrong(f'is "{found}", and must be one of {listed(among)}.', key)
        return next(iter(among)) if chosen is None else chosen

    def name(self, key: str, known: Collection[str], *, what: str) -> str:
        """A key that stands elsewhere in the file; empty where it cannot be read."""
        found = self._take(key, str, f"a {what}: {listed(known)}")
        if found is not None and found not in known:
            self.wrong(f"is {_brief(found)}, and there is no such {what}: {listed(known)}.", key)
        return found if found is not None and found in known else ""

    def names(self, key: str, known: Collection[str], *, what: str) -> tuple[str, ...]:
        """A list of keys that stand elsewhere in the file, each once; none where nothing is said."""
        found = self._take(key, list, f"a list of {what}", otherwise=[]) or []
        for each in found:
            if not isinstance(each, str) or each not in known:
                self.wrong(f"names {_brief(each)}, and there is no such {what}: {listed(known)}.", key)
            elif found.count(each) > 1:
                self.wrong(f'names "{each}" more than once.', key)
        return tuple(dict.fromkeys(each for each in found if isinstance(each, str) and each in known))

    def table(self, key: str, *, needed: bool = False) -> "Table":
        """A table inside it; an empty one where there is none."""
        found = self._take(key, dict, "a table", otherwise=None if needed else {})
        if found is None:
            return Table([], (*self.path, key), {})  # nothing more is said of what it lacks
        return Table(self._problems, (*self.path, key), found)

    def tables(self, key: str) -> list["Table"]:
        """A list of tables; empty where there is none."""
        found = self._take(key, list, f"a list of tables, [[{key}]]", otherwise=[]) or []
        if not all(isinstance(each, dict) for each in found):
            self.wrong(f"must hold tables only, [[{key}]].", key)
        return [
            Table(self._problems, (*self.path, key, place), each)
            for place, each in enumerate(found, 1)
            if isinstance(each, dict)
        ]

    def named(self) -> Iterator[tuple[str, "Table"]]:
        """Every table in it, by a name that one may choose."""
        for key in self.named_keys():
            yield key, self.table(key)

    def named_keys(self) -> tuple[str, ...]:
        """Names that one may choose; what cannot be a name is noted."""
        for key in self._values:
            if not NAME.fullmatch(key):
                self._asked.add(key)
                self.wrong("cannot be its name: small letters, digits and _ only, a letter first, 40 at most.", key)
        return tuple(key for key in self._values if NAME.fullmatch(key))

    def done(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                known = f"; what may stand here: {listed(sorted(self._asked))}" if self._asked else ""
                self.wrong(f"is not a key that is known here{known}.", key)

    def _take[V](self, key: str, kind: type[V], what: str, *, otherwise: V | None = None) -> V | None:
        self._asked.add(key)
        if key not in self._values:
            if otherwise is None:
                self.wrong(f"is missing: it must be {what}.", key)
            return otherwise
        value = self._values[key]
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        self.wrong(f"is {_brief(value)}, and must be {what}.", key)
        return None


def shown(path: Path) -> str:
    """`plans.pro.prices.month`, `dunning #2.access`."""
    return "".join(f" #{part}" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def listed(words: Collection[str]) -> str:
    """`"month", "year"`."""
    return ", ".join(f'"{word}"' for word in words) or "there are none"


def lines_of(text: str) -> dict[Path, int]:
    """On which line each key stands, as far as lines tell: headings, and what stands left of an equals sign."""
    found: dict[Path, int] = {}
    heading: Path = ()
    counted: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if table := _HEADING.match(line):
            heading = _parts(table[1])
            found.setdefault(heading, number)
            if line.lstrip().startswith("[["):
                counted[heading] = counted.get(heading, 0) + 1
                heading = (*heading, counted[heading])
                found[heading] = number
        elif entry := _ENTRY.match(line):
            path = (*heading, *_parts(entry[1]))
            for length in range(len(heading) + 1, len(path) + 1):
                found.setdefault(path[:length], number)
    return found


def parsed(text: str) -> dict[str, Any]:
    """What the file holds. Raises ValueError, in tomllib's words."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None


def _parts(dotted: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _brief(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list():
            return "a list"
        case str():
            return f'"{value[:40]}"'
        case int() if abs(value) >= _ENDLESS:
            return "a number without end"
        case _:
            return str(value)[:40]
