"""What can go wrong between a client and Stripe, to order: each fault hits the next requests that its pattern names.

    faults.add("POST /v1/subscriptions*", "timeout_after")

An effect that `…_after` leaves behind is remembered under its idempotency key, as at Stripe, and so is a 500.
"""

import re
import threading
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

Kind = Literal[
    "500",  # nothing happened, and the idempotency key remembers the 500
    "500_after",  # it happened, and the idempotency key remembers the 500
    "503",  # nothing happened, and nothing is remembered
    "429",  # likewise
    "timeout_before",  # no answer, and nothing happened
    "timeout_after",  # no answer, but it happened
    "connection_reset_after",  # the connection is reset once it happened
    "slow",  # it happens late, and its idempotency key is in use meanwhile
    "rejected_later",  # of a meter event: it is taken, and not counted
]
KINDS: tuple[str, ...] = get_args(Kind)
LONGEST_SECONDS = 60
MOST_TIMES = 1_000_000
_PATTERN = re.compile(r"(?:(?:GET|POST|DELETE|\*) )?/\S*")


class NoFault(ValueError):
    """A fault that cannot be ordered; the sentence says why."""


@dataclass(slots=True)
class Fault:
    """Waits for requests: `pattern` is a method and a path with stars, as in `POST /v1/invoices/*/pay`."""

    pattern: str
    kind: Kind
    times: int = 1
    seconds: float = 30
    """How long a timeout holds the connection at most, and how long `slow` waits."""

    def __post_init__(self) -> None:
        """Raises NoFault."""
        if self.kind not in KINDS:
            raise NoFault(f"There is no fault {self.kind!r}: choose of {', '.join(KINDS)}.")
        if not _PATTERN.fullmatch(self.pattern):
            raise NoFault(f"{self.pattern!r} is no pattern: write one like `POST /v1/subscriptions*`.")
        if not 1 <= self.times <= MOST_TIMES:
            raise NoFault(f"times is from 1 to {MOST_TIMES}.")
        if not 0 <= self.seconds <= LONGEST_SECONDS:
            raise NoFault(f"seconds is from 0 to {LONGEST_SECONDS}.")

    def meets(self, method: str, path: str) -> bool:
        """Whether this request is one of those; a pattern without a method means every one."""
        pattern = self.pattern if " " in self.pattern else f"* {self.pattern}"
        return fnmatchcase(f"{method} {path}", pattern)


class Faults:
    """Those that wait, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, pattern: str, kind: Kind, *, times: int = 1, seconds: float = 30) -> None:
        """Hit the next `times` requests that the pattern names. Raises NoFault."""
        self.put(Fault(pattern, kind, times, seconds))

    def put(self, fault: Fault) -> None:
        """Let it wait."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """What hits this request, if anything does."""
        with self._lock:
            found = next((fault for fault in self._waiting if fault.meets(method, path)), None)
            if found:
                found.times -= 1
                self._waiting = [fault for fault in self._waiting if fault.times]
            return found

    def waiting(self) -> list[dict[str, Any]]:
        """Each with the times that are left."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def clear(self) -> None:
        """Nothing goes wrong from now on."""
        with self._lock:
            self._waiting = []
