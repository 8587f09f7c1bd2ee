"""The named points at which a process is ended, read from points.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from faults.guard import Moment

FILE = Path(__file__).with_name("points.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One place in one function. `text` is in the flight to the database, `call` the name of a call to AWS.

    Around a flight there are three moments: nothing has arrived, half of it has, or it is done and nobody heard so.
    Around a call there are two.
    """

    name: str
    function: str
    says: str
    moment: Moment
    text: str = ""
    call: str = ""
    nth: int = 1


def read_points() -> tuple[Point, ...]:
    """Every point at every of its moments. Raises what tomllib raises, and TypeError for a field that is none."""
    listed = tomllib.loads(FILE.read_text())["point"]
    return tuple(
        Point(**{**entry, "name": f"{entry['name']}, {moment}", "moment": moment})
        for entry in listed
        for moment in (("before", "after") if "call" in entry else ("before", "within", "after"))
    )
