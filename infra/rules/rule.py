"""What a rule is: a name, a sentence that says what must hold and what to do, and whatever finds where it does not."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from infra.rules.deployment import Deployment, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """It is asked about a whole stage, because what breaks it may be in another stack than what it is about."""

    name: str
    says: str
    find: Callable[[Deployment], Iterable[Finding]]

    def line(self, found: Finding, stage: str) -> str:
        """As a person reads it."""
        what = f" ({found.what})" if found.what else ""
        return f"freehold-{stage}-{found.stack}/{found.resource}: {self.name}: {self.says}{what}"
