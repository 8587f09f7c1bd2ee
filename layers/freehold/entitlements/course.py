"""How an answer comes about: what was considered, in which order, and until when it holds."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from freehold.entitlements.document import Grandfathered, Plan
from freehold.entitlements.facts import Override

type Thing = str | int | datetime | tuple[int, int] | None
type Said = tuple[str, tuple[Thing, ...]]
"""A sentence, and what stands in its gaps: it is put into words only where somebody reads it."""


class Resolved[V](NamedTuple):
    """An answer, and how it came about."""

    value: V
    """Of limits and rates, None is no limit."""
    rule: str
    """`plan:<id>`, `add_on:<id>`, `override:<id>`, `grant:<id>`, `grandfathered:<id>`, `dunning:7`, `fallback:<id>`."""
    until: datetime | None
    """When time alone may change it; None where it never does."""
    lifts: tuple[str, ...]
    """The plans that can be bought, the least one first, and then the add-ons, that would give it, or more of it."""
    said: tuple[Said, ...]

    @property
    def trace(self) -> tuple[str, ...]:
        """What was considered, in sentences, in this order."""
        return tuple(words.format(*map(_shown, things)) for words, things in self.said)


@dataclass(slots=True, kw_only=True)
class Course:
    """What has been considered so far. `plan` is the one that counts, by `rule`."""

    plan: Plan
    rule: str
    is_given: bool = False
    """Whether it was agreed or given, and need not be paid for."""
    until: datetime | None = None
    said: list[Said] = field(default_factory=list)

    def says(self, words: str, *things: Thing) -> None:
        """Somebody who wants to know why reads this."""
        self.said.append((words, things))

    def ends(self, moment: datetime | None) -> None:
        """Something that was considered holds until then."""
        if moment is not None and (self.until is None or moment < self.until):
            self.until = moment

    def keeps(self, entry: Grandfathered, what: Thing) -> str:
        """The rule by which an earlier subscriber has it."""
        self.ends(entry.until)
        self.says("As it subscribed before {}, it has {} (grandfathered:{}).", entry.before, what, entry.id)
        return f"grandfathered:{entry.id}"

    def by_agreement[V: Thing](self, agreed: Override, value: V) -> Resolved[V]:
        """What was agreed stands in place of all that was considered before, and nothing that is sold lifts it."""
        self.says("It was agreed with the tenant that it has {} in place of that (override:{}).", value, agreed.id)
        return Resolved(value, f"override:{agreed.id}", agreed.until, (), tuple(self.said))

    def resolved[V](self, *, value: V, rule: str, lifts: tuple[str, ...] = ()) -> Resolved[V]:
        """What was considered leads to this."""
        return Resolved(value, rule, self.until, lifts, tuple(self.said))


def _shown(thing: Thing) -> str:
    match thing:
        case None:
            return "any number"
        case datetime():
            return thing.isoformat()
        case (requests, seconds):
            return f"{requests} in {seconds} s"
        case _:
            return str(thing)
