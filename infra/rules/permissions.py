"""What whoever runs may do: what follows from its declaration, by name."""

import re
from collections import Counter
from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding, Resource
from infra.rules.policies import (
    ROLE,
    actions,
    allows,
    of_identities,
    of_resources,
    of_trust,
    resources,
    services,
)
from infra.rules.rule import Rule
from infra.rules.values import references

_DEAR = ("kms:", "secretsmanager:", "rds-db:", "s3:", "sqs:", "dynamodb:", "ssm:", "lambda:", "events:", "sns:")
_POWERS = re.compile(
    r"(iam|organizations|account|cloudformation|sso|sts):|lambda:(\*|Add|Create|Delete|Put|Publish|Update)|kms:PutKeyPolicy"
)
_WHOLE = re.compile(r"[a-z0-9-]+:\*|\*")
_BY_PATTERN = re.compile(r"dbuser:.*\*|secret:.*\*|:key/.*\*")
_BROUGHT_ALONG = "service-role/AWSLambdaBasicExecutionRole"
"""CDK's own function may write logs by a policy of AWS's."""
_FOR_ANY_ACCOUNT = {"scheduler.amazonaws.com", "events.amazonaws.com", "codedeploy.amazonaws.com"}
"""Services that act for other accounts too, and say for which: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"""
_SAYS_WHOSE = ("aws:SourceAccount", "aws:SourceArn")
_LOGIN = re.compile(r"dbuser:.*/(?P<role>[\w*]+)$")


_SHIFTS = ["lambda:UpdateAlias"]


def _everything(deployed: Deployment) -> Iterator[Finding]:
    for found, statement in of_identities(deployed):
        if allows(statement) and any(_WHOLE.fullmatch(action) for action in actions(statement)):
            yield found.found(", ".join(actions(statement)))


def _on_all(deployed: Deployment) -> Iterator[Finding]:
    for found, statement in of_identities(deployed):
        dear = any(action.startswith(_DEAR) for action in actions(statement))
        on = resources(found, statement)
        if allows(statement) and dear and ("*" in on or any(_BY_PATTERN.search(each) for each in on)):
            yield found.found(", ".join(actions(statement)))


def _by_exception(deployed: Deployment) -> Iterator[Finding]:
    for found, statement in (*of_identities(deployed), *of_resources(deployed)):
        if allows(statement) and {"NotAction", "NotResource", "NotPrincipal"} & statement.keys():
            yield found.found()


def _shared(deployed: Deployment) -> Iterator[Finding]:
    used = Counter(
        (function.stack, name)
        for function in deployed.every("AWS::Lambda::Function")
        for name in references(function.properties.get("Role"))
    )
    for role in deployed.every(ROLE):
        if used[role.stack, role.name] > 1:
            yield role.found()
    own = {role.name for role in deployed.every(ROLE)}
    for _, function in deployed.functions():
        if not references(function.properties.get("Role")) & own:
            yield function.found()


def _of_aws(deployed: Deployment) -> Iterator[Finding]:
    for role in deployed.every(ROLE):
        attached = [*role.properties.get("ManagedPolicyArns", [])]
        names = [str(arn).split("policy/")[-1].rstrip("'}") for arn in attached]
        ours = any("FunctionName" in each.properties for each in _running_as(deployed, role.name))
        if attached and (ours or any(name != _BROUGHT_ALONG for name in names)):
            yield role.found(", ".join(names))


def _running_as(deployed: Deployment, role: str) -> Iterator[Resource]:
    for function in deployed.every("AWS::Lambda::Function"):
        if role in references(function.properties.get("Role")):
            yield function


def _borrowed(deployed: Deployment) -> Iterator[Finding]:
    for role, statement in of_trust(deployed):
        conditions = str(statement.get("Condition", ""))
        shared = _FOR_ANY_ACCOUNT & {*services(statement)}
        if shared and not any(key in conditions for key in _SAYS_WHOSE):
            yield role.found(", ".join(sorted(shared)))


def _taken_on(deployed: Deployment) -> Iterator[Finding]:
    for role, statement in of_trust(deployed):
        if not all(service.endswith(".amazonaws.com") for service in services(statement)):
            yield role.found()


def _mighty(deployed: Deployment) -> Iterator[Finding]:
    for found, statement in of_identities(deployed):
        powers = [action for action in actions(statement) if _POWERS.match(action)]
        if allows(statement) and powers and not (powers == _SHIFTS and _is_codedeploys(found)):
            yield found.found(", ".join(powers))


def _is_codedeploys(role: Resource) -> bool:
    """Whose work is to move aliases, and who runs nothing of ours."""
    statements = role.properties.get("AssumeRolePolicyDocument", {}).get("Statement", [])
    return [service for each in statements for service in services(each)] == ["codedeploy.amazonaws.com"]


def _as_others(deployed: Deployment) -> Iterator[Finding]:
    logins: dict[tuple[str, str], set[str]] = {}
    for found, statement in of_identities(deployed):
        if "rds-db:connect" in actions(statement) and allows(statement):
            roles = {m["role"] if (m := _LOGIN.search(each)) else "*" for each in resources(found, statement)}
            logins.setdefault((found.stack, found.name), set()).update(roles)
    for declared, function in deployed.functions():
        [role] = references(function.properties.get("Role")) or {""}
        expected = {f"freehold_{name}" for name in (declared.database, *declared.also) if name}
        expected |= {"freehold_admin"} if declared.on_deploy == "migrates" else set()
        if logins.get((function.stack, role), set()) != expected:
            yield Finding(stack=function.stack, resource=role or function.name, what=declared.name)


def _anybody(deployed: Deployment) -> Iterator[Finding]:
    for found, statement in of_resources(deployed):
        if allows(statement) and "*" in services(statement):
            yield found.found()


RULES = (
    Rule(
        name="nobody-may-do-everything",
        says="A permission names its actions, never all of a service: list them.",
        find=_everything,
    ),
    Rule(
        name="permissions-name-what-they-are-on",
        says="A permission on data, queues, keys, secrets or logins names which; another tenant of the account has "
        "some too: name the resource.",
        find=_on_all,
    ),
    Rule(
        name="nothing-is-allowed-by-exception",
        says="NotAction, NotResource and NotPrincipal allow what nobody has listed: list what is meant.",
        find=_by_exception,
    ),
    Rule(
        name="functions-have-a-role-each",
        says="No two functions share a role, or each may do what the other needs: make one with LiveFunction.",
        find=_shared,
    ),
    Rule(
        name="no-policies-of-aws",
        says="AWS's own policies open more than a function needs, and change without us: list what is needed.",
        find=_of_aws,
    ),
    Rule(
        name="roles-are-lent-to-this-account",
        says="A service that acts for every account takes on a role for ours alone: add aws:SourceAccount to its "
        "trust.",
        find=_borrowed,
    ),
    Rule(
        name="roles-are-taken-on-by-services",
        says="No person and no other account takes on a role of a stack, only the one service that it is for: name "
        "that.",
        find=_taken_on,
    ),
    Rule(
        name="nobody-widens-their-permissions",
        says="What runs may change neither code nor permissions, whoever speaks through it: leave that to deploys.",
        find=_mighty,
    ),
    Rule(
        name="functions-log-in-as-declared",
        says="A function may log in as the database roles that the manifest gives it, and as no others: declare them.",
        find=_as_others,
    ),
    Rule(
        name="nobody-unknown-is-let-in",
        says="No queue, topic, bucket, key or secret lets everybody in: name the service or the role that may come.",
        find=_anybody,
    ),
)
