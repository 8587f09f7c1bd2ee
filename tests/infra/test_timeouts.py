"""Whoever waits for another waits longer: so the answer that a caller gets is the innermost, which says most."""

import pytest

from freehold.database.login import CONNECT_TIMEOUT
from freehold.database.migrations.bootstrap import REQUEST_SETTINGS
from freehold.database.unit import LONGEST
from freehold.identity.jwks import TIMEOUT
from freehold.sso.registry import LONGEST_LOOKUP
from functions.manifest import FUNCTIONS, MIGRATIONS
from infra.stage import STAGES
from tests.infra.templates import of_type, only

API_GATEWAY = 30
AUTHORIZER_ANSWER = 10
LONGEST_CLOUDFORMATION = 3600


def out_of_order(stacks, settings=REQUEST_SETTINGS):
    """Pairs of names, the first of which does not end before the second."""
    limits = [*of_requests(stacks, settings), *of_a_deploy(stacks), *of_connecting(stacks)]
    return [(inner, outer) for inner, seconds, outer, more in limits if not seconds < more]


def of_requests(stacks, settings):
    statement, transaction = (
        int(settings[f"{name}_timeout"].removesuffix("s")) for name in ("statement", "transaction")
    )
    yield "statement", statement, "transaction", transaction
    yield "transaction", transaction, "client", LONGEST
    for function in of_type(stacks["api"], "AWS::Lambda::Function").values():
        name = function["FunctionName"].split("-", 2)[2]
        yield from of_waiting(name, longest(name, function))
        yield name, function["Timeout"], "gateway", AUTHORIZER_ANSWER if name == "authorizer" else API_GATEWAY


def of_waiting(name, longest):
    """The authorizer gives the database less, and then asks a provider for two documents."""
    if name == "authorizer":
        yield "lookup and provider", LONGEST_LOOKUP + 2 * TIMEOUT, name, longest
    else:
        yield "connect and client", int(CONNECT_TIMEOUT) + LONGEST, name, longest


def longest(name, function):
    """How long a function runs; one without a database does not wait for any."""
    [declared] = [declared for declared in FUNCTIONS if declared.name == name]
    return function["Timeout"] if declared.database else float("inf")


def of_a_deploy(stacks):
    migrations, schema = only(stacks["schema"], "AWS::Lambda::Function"), only(stacks["schema"], "Custom::Schema")
    yield "migrations", migrations["Timeout"], "schema", int(schema["ServiceTimeout"])
    yield "schema", int(schema["ServiceTimeout"]), "CloudFormation", LONGEST_CLOUDFORMATION + 1


def of_connecting(stacks):
    for pool in of_type(stacks["cell"], "AWS::RDS::DBProxyTargetGroup").values():
        borrow = pool["ConnectionPoolConfigurationInfo"]["ConnectionBorrowTimeout"]
        yield "borrow", borrow, "connect", int(CONNECT_TIMEOUT)


class TestTimeouts:
    def test_nest(self, stacks):
        assert out_of_order(stacks) == []

    @pytest.mark.parametrize(
        ("statement", "transaction", "found"),
        [("10s", "10s", ("statement", "transaction")), ("9s", "11s", ("transaction", "client"))],
    )
    def test_of_the_database_that_do_not_would_be_found(self, stacks, statement, transaction, found):
        assert out_of_order(stacks, {"statement_timeout": statement, "transaction_timeout": transaction}) == [found]

    @pytest.mark.parametrize(
        ("seconds", "found"), [(13, ("connect and client", "health")), (30, ("health", "gateway"))]
    )
    def test_of_a_function_that_do_not_would_be_found(self, stacks, stage, seconds, found):
        [health] = [
            function
            for function in of_type(stacks["api"], "AWS::Lambda::Function").values()
            if function["FunctionName"] == f"freehold-{stage.name}-health"
        ]
        health["Timeout"] = seconds
        assert out_of_order(stacks) == [found]

    def test_of_a_deploy_that_do_not_would_be_found(self, stacks):
        only(stacks["schema"], "Custom::Schema")["ServiceTimeout"] = str(MIGRATIONS.timeout_seconds)
        assert out_of_order(stacks) == [("migrations", "schema")]

    @pytest.mark.parametrize("stage", [STAGES["launch"]], ids=["launch"])
    def test_of_the_proxy_that_do_not_would_be_found(self, stacks):
        pool = only(stacks["cell"], "AWS::RDS::DBProxyTargetGroup")["ConnectionPoolConfigurationInfo"]
        pool["ConnectionBorrowTimeout"] = 120
        assert out_of_order(stacks) == [("borrow", "connect")]
