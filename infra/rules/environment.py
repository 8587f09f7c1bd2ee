"""What functions are told: settings that somebody reads, and no secret anywhere."""

import re
from collections.abc import Iterator
from functools import lru_cache

from infra.rules.code import read_settings
from infra.rules.deployment import Deployment, Finding
from infra.rules.rule import Rule
from infra.rules.values import strings

_SECRET = re.compile(
    r"(?:sk|rk)_(?:live|test)_\w{8}|whsec_\w{8}|\bfh_(?:live|test)_\w{8}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|-----BEGIN [A-Z ]*KEY|\bgh[pousr]_\w{20}|\bxox[abpr]-\w{8}|\beyJ[\w-]{10,}\.[\w-]{10,}\."
    r"|(?i:password|passwd|pwd|secret)=[^\s&]{3}"
    r"|://[^/\s:@]+:[^/\s:@{]+@"
)
"""Keys as their makers shape them, passwords in conninfos and addresses."""
_NAMED_SO = re.compile(r"PASSWORD|SECRET|TOKEN|PRIVATE|CREDENTIAL|API_?KEY", re.IGNORECASE)
_GIVEN = ("SecretString", "MasterUserPassword", "UserPassword", "AuthToken")
_NOTHING = "{}"
"""Until a person writes it."""
_OTHERS = ("POWERTOOLS_", "AWS_LAMBDA_EXEC_WRAPPER", "OTEL_", "OPENTELEMETRY_", "TZ", "PYTHON")


def _told_a_secret(deployed: Deployment) -> Iterator[Finding]:
    for function in deployed.every("AWS::Lambda::Function"):
        told = function.properties.get("Environment", {}).get("Variables", {})
        bare = [name for name, value in told.items() if _NAMED_SO.search(name) and isinstance(value, str) and value]
        shaped = [name for name, value in told.items() if _is_secret("\n".join(strings(value)))]
        if bare or shaped:
            yield function.found(", ".join(sorted({*bare, *shaped})))


def _written_down(deployed: Deployment) -> Iterator[Finding]:
    for each in deployed.all():
        given = each.properties
        plain = [key for key in _GIVEN if isinstance(given.get(key), str) and given[key] != _NOTHING]
        words = "\n".join(strings({**given, "Environment": None})) if "Environment" in given else each.words
        if plain or _is_secret(words):
            yield each.found(", ".join(plain))
    for stack, template in deployed.templates.items():
        for name, declared in template.get("Parameters", {}).items():
            if _is_secret("\n".join(strings(declared))):
                yield Finding(stack=stack, resource=name)


@lru_cache(maxsize=4096)
def _is_secret(text: str) -> bool:
    return _SECRET.search(text) is not None


def _unread(deployed: Deployment) -> Iterator[Finding]:
    for _, function in deployed.functions():
        told = function.properties.get("Environment", {}).get("Variables", {})
        unread = [name for name in told if name not in read_settings() and not name.startswith(_OTHERS)]
        if unread:
            yield function.found(", ".join(unread))


def _of_another_stage(deployed: Deployment) -> Iterator[Finding]:
    expected = {"FREEHOLD_STAGE": deployed.stage.name, "FREEHOLD_KEY_MODE": deployed.stage.key_mode}
    for _, function in deployed.functions():
        told = function.properties.get("Environment", {}).get("Variables", {})
        if any(told.get(name) != value for name, value in expected.items()):
            yield function.found()


RULES = (
    Rule(
        name="functions-are-told-no-secret",
        says="No variable of a function holds a secret, which whoever may list functions reads: give it the ARN of "
        "one.",
        find=_told_a_secret,
    ),
    Rule(
        name="templates-hold-no-secret",
        says="No template holds a secret, which stays in CloudFormation for ever: let a person write it into Secrets "
        "Manager.",
        find=_written_down,
    ),
    Rule(
        name="settings-are-read",
        says="Each variable of a function is a field of layers/freehold/settings.py; another is a slip that nobody "
        "reads: rename.",
        find=_unread,
    ),
    Rule(
        name="functions-know-their-stage",
        says="A function is told its own stage and which API keys are good there, or it takes another stage's: set "
        "both.",
        find=_of_another_stage,
    ),
)
