"""Whether AWS's command line takes a command: its words held against the services' own models, which botocore has."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import botocore.session
import jmespath
from botocore import xform_name
from botocore.model import OperationModel, Shape
from botocore.validate import ParamValidator

GLOBAL = {
    "cli-binary-format": True,
    "cli-input-json": True,
    "endpoint-url": True,
    "max-items": True,
    "no-cli-pager": False,
    "no-paginate": False,
    "output": True,
    "page-size": True,
    "profile": True,
    "query": True,
    "region": True,
    "starting-token": True,
}
"""Options of every command, and whether a value follows."""
OF_ITS_OWN: Mapping[tuple[str, str], set[str]] = {
    ("configure", "sso"): set(),
    ("logs", "tail"): {"since", "follow", "filter-pattern", "format"},
    ("rds", "generate-db-auth-token"): {"hostname", "port", "username"},
    ("s3", "cp"): {"recursive", "exclude", "include", "sse"},
    ("s3", "ls"): {"recursive", "human-readable", "summarize"},
    ("s3", "sync"): {"exclude", "include", "delete"},
    ("sso", "login"): {"profile"},
}
"""Commands that are no operation of a service, and what they take."""
POSITIONAL = {("lambda", "invoke")}
"""Those that take the name of a file besides."""
RENAMED = {
    ("lambda", "publish-version", "code-sha256"): "code-sha-256",
    ("sns", "subscribe", "endpoint"): "notification-endpoint",
}
"""Options that the command line calls otherwise than the service: service, operation, member."""
CALLED = {"deploy": "codedeploy", "s3api": "s3"}
"""Services that the command line calls otherwise than botocore."""
VARIABLE = re.compile(r"\$\w+")
MORE = "…"
"""What a page writes where there is more to say."""
UNKNOWN = re.compile(r"[$…]|\b(?:STAGE|FUNCTION|QUEUE|ACCOUNT|REGION|NAME)\b")
"""In a value that the reader fills in."""


def faults(words: Sequence[str], *, inline: bool = False) -> list[str]:
    """Why it would be refused; none where it would not. In a sentence, a name alone is enough."""
    match words[1:]:
        case [service] if inline and CALLED.get(service, service) in _session().get_available_services():
            return []
        case [service, name] if inline and (service, name) not in OF_ITS_OWN and name in _operations(service):
            return []
        case [service, name, *given]:
            return _refusals(service, name, given)
        case _:
            return [f"{' '.join(words)} names no operation"]


def _refusals(service: str, name: str, rest: list[str]) -> list[str]:
    if (service, name) in OF_ITS_OWN:
        return list(_unknown(rest, OF_ITS_OWN[service, name]))
    try:
        operation, rest = _operation(service, name, rest)
    except KeyError as error:
        return [str(error.args[0])]
    renamed = {old: new for (where, what, old), new in RENAMED.items() if (where, what) == (service, name)}
    return list(_faults(operation, rest, takes_a_file=(service, name) in POSITIONAL, renamed=renamed))


def _unknown(rest: Sequence[str], known: set[str]) -> Iterator[str]:
    options = [word[2:].partition("=")[0] for word in rest if word.startswith("--")]
    yield from (f"--{option} is unknown" for option in options if option not in known | GLOBAL.keys())


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


@cache
def _operations(service: str) -> dict[str, OperationModel]:
    """By their name on the command line. Raises KeyError."""
    if service in CALLED.values() or CALLED.get(service, service) not in _session().get_available_services():
        raise KeyError(f"there is no service {service}")
    model = _session().get_service_model(CALLED.get(service, service))
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}


def _operation(service: str, name: str, rest: list[str]) -> tuple[OperationModel, list[str]]:
    operations = _operations(service)
    if name == "wait":
        model = _session().get_waiter_model(CALLED.get(service, service))
        waiters = {xform_name(waiter, "-"): waiter for waiter in model.waiter_names}
        if not rest or rest[0] not in waiters:
            raise KeyError(f"{service} waits for no {' '.join(rest[:1])}")
        asked = model.get_waiter(waiters[rest[0]]).operation
        return operations[xform_name(asked, "-")], rest[1:]
    if name not in operations:
        raise KeyError(f"{service} has no operation {name}")
    return operations[name], rest


def _faults(
    operation: OperationModel, rest: Sequence[str], *, takes_a_file: bool, renamed: Mapping[str, str]
) -> Iterator[str]:
    shape = operation.input_shape
    found = {xform_name(name, "-"): member for name, member in (shape.members if shape else {}).items()}
    members = {renamed.get(option, option): member for option, member in found.items()}
    given, loose = _options(rest)
    for option, values in given:
        negated = option.removeprefix("no-")
        if option in GLOBAL:
            yield from _global(operation, option, values)
        elif option in members:
            yield from _values(option, members[option], values)
        elif option.startswith("no-") and negated in members and members[negated].type_name == "boolean":
            yield from ([f"--{option} takes no value"] if values else [])
        else:
            yield f"{operation.name} takes no --{option}"
    if len(loose) > int(takes_a_file) and MORE not in loose:
        yield f"{' '.join(loose)} is no option"
    if MORE not in rest and not any(option == "cli-input-json" for option, _ in given):
        named = {option for option, _ in given}
        required = {xform_name(name, "-") for name in (shape.required_members if shape else ())}
        lacking = {renamed.get(option, option) for option in required} - named
        yield from (f"{operation.name} lacks --{option}" for option in sorted(lacking) if f"no-{option}" not in named)


def _options(rest: Sequence[str]) -> tuple[list[tuple[str, list[str]]], list[str]]:
    """Each with its values, and what belongs to none: the last word, where nothing is needed of it."""
    given: list[tuple[str, list[str]]] = []
    loose: list[str] = []
    for word in rest:
        if word.startswith("--"):
            option, equals, value = word[2:].partition("=")
            given.append((option, [value] if equals else []))
        elif given and not (word == "/dev/stdout" or (word.endswith(".json") and given[-1][1])):
            given[-1][1].append(word)
        else:
            loose.append(word)
    return given, loose


def _global(operation: OperationModel, option: str, values: Sequence[str]) -> Iterator[str]:
    if len([value for value in values if value != MORE]) != int(GLOBAL[option]):
        yield f"--{option} takes {'one value' if GLOBAL[option] else 'no value'}"
        return
    if option == "output" and values[0] not in {"json", "text", "table", "yaml"}:
        yield f"--output {values[0]} is no form"
    if option == "query":
        try:
            first = _first_field(jmespath.compile(VARIABLE.sub("x", values[0])).parsed)
        except jmespath.exceptions.JMESPathError as error:
            yield f"--query {values[0]}: {error}"
            return
        answer = operation.output_shape.members if operation.output_shape else {}
        if first and first not in answer:
            yield f"{operation.name} answers no {first}"


def _first_field(node: Any) -> str:
    """The member of the answer that a query begins with; none where it begins otherwise."""
    while isinstance(node, dict) and node.get("children") and node["type"] != "function_expression":
        node = node["children"][0]
    return str(node["value"]) if isinstance(node, dict) and node["type"] == "field" else ""


def _values(option: str, shape: Shape, values: list[str]) -> Iterator[str]:
    said = [value for value in values if value != MORE]
    values = said or values
    match shape.type_name:
        case "boolean":
            yield from ([f"--{option} takes no value"] if said else [])
        case "list":
            yield from ([] if values else [f"--{option} lacks a value"])
            for value in values:
                yield from _value(option, shape, value)
        case _ if len(values) != 1:
            yield f"--{option} takes one value, not {len(values)}"
        case _:
            yield from _value(option, shape, values[0])


def _value(option: str, shape: Shape, value: str) -> Iterator[str]:
    if value.startswith(("file://", "fileb://")):
        return
    if value[:1] in "[{" and shape.type_name in {"list", "map", "structure"}:
        yield from _json(option, shape, value)
        return
    inner = shape.member if shape.type_name == "list" else shape
    if inner.type_name == "structure":
        keys = [pair.partition("=")[0] for pair in re.split(r",(?=[A-Za-z]+=)", value)]
        yield from (
            f"--{option} knows no {key}" for key in keys if key not in inner.members and not UNKNOWN.search(key)
        )
    elif inner.type_name in {"integer", "long"} and not UNKNOWN.search(value) and not value.isdigit():
        yield f"--{option} takes a number, not {value}"
    elif (known := getattr(inner, "enum", ())) and value not in known and not UNKNOWN.search(value):
        yield f"--{option} cannot be {value}"


def _json(option: str, shape: Shape, value: str) -> Iterator[str]:
    try:
        given = json.loads(value)
    except ValueError as error:
        yield f"--{option} is no JSON: {error}"
        return
    if shape.type_name == "list" and isinstance(given, dict):
        given = [given]
    report = ParamValidator().validate(given, shape)
    yield from ([report.generate_report()] if report.has_errors() else [])
