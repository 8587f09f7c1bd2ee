"""Whoever waits for another waits longer: so the answer that a caller gets is the innermost, which says most."""

from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.rule import Rule

GATEWAY = 30
AUTHORIZER_ANSWER = 10
"""Seconds that API Gateway waits for a function, and for an authorizer."""
_LONGEST_RESOURCE = 3600
"""Seconds that CloudFormation waits for a resource at most."""


def _routed(deployed: Deployment) -> Iterator[tuple[bool, Resource]]:
    """What API Gateway waits for, and whether it is the authorizer."""
    for declared, function in deployed.functions():
        if declared.routes or declared.name == "authorizer":
            yield declared.name == "authorizer", function


def _unheard(deployed: Deployment) -> Iterator[Finding]:
    for authorizer, function in _routed(deployed):
        waits = AUTHORIZER_ANSWER if authorizer else GATEWAY
        if not function.properties.get("Timeout", 3) < waits:
            yield function.found(f"API Gateway waits for {waits} seconds")


def _cut_short(deployed: Deployment) -> Iterator[Finding]:
    limits = deployed.limits
    for authorizer, function in _routed(deployed):
        needs = limits.lookup if authorizer else limits.connect + limits.client
        uses = "FREEHOLD_DATABASE" in function.properties.get("Environment", {}).get("Variables", {})
        if uses and not needs < function.properties.get("Timeout", 3):
            yield function.found(f"it needs more than {needs:g} seconds")


def _upside_down(deployed: Deployment) -> Iterator[Finding]:
    limits = deployed.limits
    for cluster in deployed.every("AWS::RDS::DBCluster"):
        if not limits.statement < limits.transaction < limits.client:
            yield cluster.found(f"{limits.statement:g}, {limits.transaction:g}, {limits.client:g} seconds")


def _proxy_last(deployed: Deployment) -> Iterator[Finding]:
    for pool in deployed.every("AWS::RDS::DBProxyTargetGroup"):
        borrow = pool.properties.get("ConnectionPoolConfigurationInfo", {}).get("ConnectionBorrowTimeout", 120)
        if not 0 < borrow < deployed.limits.connect:
            yield pool.found(f"{borrow} of {deployed.limits.connect:g} seconds")


def _unanswered(deployed: Deployment) -> Iterator[Finding]:
    longest = max((f.timeout_seconds for f in deployed.manifest if f.on_deploy), default=0)
    for schema in deployed.every("Custom::Schema"):
        if not longest < int(schema.properties.get("ServiceTimeout", _LONGEST_RESOURCE)) <= _LONGEST_RESOURCE:
            yield schema.found()


RULES = (
    Rule(
        name="functions-answer-before-the-gateway",
        says="A function ends before API Gateway stops waiting, or the caller hears nothing of ours: lower its "
        "timeout_seconds.",
        find=_unheard,
    ),
    Rule(
        name="functions-outlast-the-database",
        says="A function waits longer than for its connection and one transaction, to say what became of it: raise its "
        "timeout_seconds.",
        find=_cut_short,
    ),
    Rule(
        name="statements-end-before-transactions",
        says="A role's statement_timeout is below its transaction_timeout, and that below what a client waits: see "
        "bootstrap.py.",
        find=_upside_down,
    ),
    Rule(
        name="the-proxy-refuses-first",
        says="A proxy without a free connection says so before its client gives up connecting: lower "
        "ConnectionBorrowTimeout.",
        find=_proxy_last,
    ),
    Rule(
        name="deploys-hear-of-migrations",
        says="A deploy waits longer than migrations may run, and no longer than CloudFormation can: see its "
        "ServiceTimeout.",
        find=_unanswered,
    ),
)
