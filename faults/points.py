"""The named points at which a process is ended, read from points.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from faults.guard import Moment

FILE = Path(__file__).with_name("points.toml")
type Story = Literal["work", "money"]
"""What happens in a run."""

AROUND_A_FLIGHT: tuple[Moment, ...] = ("before", "within", "after")
AROUND_A_CALL: tuple[Moment, ...] = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One place in one function. `text` is in a flight to the database, `call` the name of a call to somebody else.

    Around a flight there are three moments: nothing has arrived, half of it has, or it is done and nobody heard so.
    Around a call there are two. Each run takes the next one. A call to Stripe is a pattern of its method, its path and
    the names of what it sends: `POST /v1/subscriptions/* items *`. `also` is another function that may make it.
    """

    name: str
    function: str
    says: str
    text: str = ""
    call: str = ""
    nth: int = 1
    also: str = ""
    story: Story = "work"

    @property
    def moments(self) -> tuple[Moment, ...]:
        """When, at this point, it can be ended."""
        return AROUND_A_CALL if self.call else AROUND_A_FLIGHT


def read_points() -> tuple[Point, ...]:
    """All of them. Raises what tomllib raises, and TypeError for a field that is none."""
    return tuple(Point(**entry) for entry in tomllib.loads(FILE.read_text())["point"])
