"""What some transactions through the pool came to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from proof.pooling.insiders import Insider
from proof.tally import Leak


@dataclass(slots=True)
class Batch:
    """How many are wanted, how many were done, and what leaked in them."""

    wanted: int
    units: Counter[str] = field(default_factory=Counter)
    """How many, by kind."""
    leaks: list[Leak] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How many are still to do."""
        return self.wanted - self.units.total()

    def saw(self, kind: str, insider: Insider, names: Sequence[str]) -> None:
        """An insider has read all that there is: it must be theirs, all of it, and something."""
        foreign = [name for name in names if not name.startswith(insider.mark)]
        if foreign:
            self.leaked(kind, f"tenant {insider.mark} was shown what belongs to {min(foreign)}.")
        elif not names:
            self.leaked(kind, f"tenant {insider.mark} was shown nothing: it may have been in another's place.")

    def leaked(self, kind: str, says: str) -> None:
        """One more leak."""
        self.leaks.append(Leak(f"a pooled connection: {kind}", f"transaction {self.units.total()} of a batch", says))
