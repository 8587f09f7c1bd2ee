"""The schema gate: rules over the database's own catalog, and no schema passes that breaks one.

It runs in the tests and in each migration, before the commit: a table that an adopter adds is covered on that day. Each
rule is one statement in `rules/`; what was looked at and found right all the same stands in a `reviewed.toml`.
"""

from freehold.database.gate.inspection import SchemaRefused, Violation, require, violations
from freehold.database.gate.reviewed import Reviewed, ReviewUnreadable, reviewed
from freehold.database.gate.rule import RULES, Rule

__all__ = [
    "RULES",
    "ReviewUnreadable",
    "Reviewed",
    "Rule",
    "SchemaRefused",
    "Violation",
    "require",
    "reviewed",
    "violations",
]
