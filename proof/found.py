"""What one family of the proof came to, as it travels between processes."""

from dataclasses import dataclass, field

from proof.database.planting import Verdict
from proof.tally import Tally


@dataclass(slots=True)
class Found:
    """Its probes and leaks, what became of planted holes, and remarks that are neither."""

    tally: Tally = field(default_factory=Tally)
    verdicts: list[Verdict] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
