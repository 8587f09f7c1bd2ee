"""What every stage keeps, whatever the stacks are called: `make check-templates` holds each template to these rules.

A rule is data; what breaks it is a line with the place. `python -m infra.lint --rules` lists them, and so does
docs/reference/rules.md.
"""

from collections.abc import Collection, Mapping, Sequence

from functions.declaration import Function
from infra.rules import (
    alarms,
    data,
    database,
    delivery,
    edge,
    encryption,
    environment,
    limits,
    logs,
    network,
    permissions,
    queues,
    routes,
    timeouts,
    versions,
    warmth,
)
from infra.rules.code import read_limits
from infra.rules.deployment import Deployment
from infra.rules.rule import Rule
from infra.rules.values import Template
from infra.stage import Stage

SUBJECTS: Mapping[str, tuple[Rule, ...]] = {
    "Routes": routes.RULES,
    "Versions": versions.RULES,
    "Warmth": warmth.RULES,
    "Delivery": delivery.RULES,
    "Queues": queues.RULES,
    "Timeouts": timeouts.RULES,
    "Logs": logs.RULES,
    "Alarms": alarms.RULES,
    "Encryption": encryption.RULES,
    "Data": data.RULES,
    "Database": database.RULES,
    "Network": network.RULES,
    "Permissions": permissions.RULES,
    "Environment": environment.RULES,
    "Limits": limits.RULES,
    "Edge": edge.RULES,
}
RULES = tuple(rule for rules in SUBJECTS.values() for rule in rules)

AWAITED = frozenset(
    {"edges-stand-where-they-are-paid-for"},
)
"""Rules that our own stacks do not keep yet, and are not held to. A test fails for one that they keep by now."""
ENFORCED = tuple(rule for rule in RULES if rule.name not in AWAITED)


def broken(
    templates: Mapping[str, Template],
    *,
    stage: Stage,
    manifest: Sequence[Function],
    rules: Collection[Rule] = ENFORCED,
) -> list[str]:
    """A line for each place where a stage breaks a rule."""
    deployed = Deployment(templates, stage=stage, manifest=manifest, limits=read_limits())
    return [rule.line(found, stage.name) for rule in rules for found in rule.find(deployed)]
