"""What one family of the proof came to, as it travels between processes."""

from dataclasses import dataclass, field

from proof.tally import Tally


@dataclass(frozen=True, slots=True)
class Verdict:
    """What noticed a hole; nothing did where it survived."""

    hole: str
    says: str
    caught_by: tuple[str, ...]


@dataclass(slots=True)
class Found:
    """Its probes and leaks, what became of planted holes, and remarks that are neither."""

    tally: Tally = field(default_factory=Tally)
    verdicts: list[Verdict] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """What this machine could not do, in a sentence each."""
