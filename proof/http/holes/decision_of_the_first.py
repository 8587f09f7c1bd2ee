"""What was decided is kept in the process by its key, and whoever asks next hears what holds for the first."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold.decisions.answers import Answers
from freehold.decisions.models import Decision
from freehold.http.evaluation_context import Context
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(
    routes=("POST /ofrep/v1/evaluate/flags/{key}",), families=("routes",), principals=("owner of A", "owner of B")
)


@contextmanager
def plant() -> Iterator[None]:
    """A dictionary that does not know of tenants."""
    kept: dict[str, Decision] = {}
    honest = Answers.decision

    def decision(self: Answers, key: str, context: Context) -> Decision:
        return kept.setdefault(key, honest(self, key, context))

    with replaced(Answers, "decision", decision):
        yield
