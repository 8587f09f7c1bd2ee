"""What the attacks found: how many probes, whether each was armed, and every leak."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Leak:
    """Something of one tenant that another could see, change or learn of."""

    check: str
    """Which kind of probe found it, such as `select as freehold_api` or `GET /v1/projects/{project_id}`."""
    where: str
    """The table, function or route, with role, context and whatever else it takes to repeat it."""
    says: str
    """What was seen, in a sentence."""


@dataclass(slots=True)
class Tally:
    """The sum of everything that was tried."""

    probes: Counter[str] = field(default_factory=Counter)
    """How many, by family."""
    leaks: list[Leak] = field(default_factory=list)
    unarmed: list[str] = field(default_factory=list)
    """Probes whose control failed: they could not have found anything, which is as bad as a leak."""

    def probed(self, family: str, number: int = 1) -> None:
        """So many more."""
        self.probes[family] += number

    def leaked(self, check: str, where: str, says: str) -> None:
        """One more leak."""
        self.leaks.append(Leak(check, where, says))

    def add(self, other: "Tally") -> None:
        """What somebody else found."""
        self.probes.update(other.probes)
        self.leaks.extend(other.leaks)
        self.unarmed.extend(other.unarmed)
