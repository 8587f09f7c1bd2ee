"""What no stage may say, whichever fields are turned: each refusal is one sentence that says what to do."""

from collections.abc import Iterator

from infra.errors import SynthesisError
from infra.stage import Stage

LEAST_MINUTES_ASLEEP = 5
"""The minute of our own calls counts for nobody, so of a look each minute nothing is left to look at. CloudWatch is
minutes late besides.
"""


def require_workable(stage: Stage) -> None:
    """Raises SynthesisError for the first rule that is broken."""
    for sentence in _broken(stage):
        raise SynthesisError(f"The stage {stage.name} in infra/stage.py {sentence}")


def _broken(stage: Stage) -> Iterator[str]:
    minutes = stage.relay.every_minutes
    if stage.cell.sleeps and minutes < LEAST_MINUTES_ASLEEP:
        yield (
            f"lets its database sleep and looks for somebody every {minutes} min, which finds nobody and leaves all "
            f"work undone: set relay.every_minutes to {LEAST_MINUTES_ASLEEP} or more, or cell.compute.least above 0."
        )
