"""The command `freehold flags`: what was typed becomes questions to the operators' function."""

import argparse
import json
import sys
from collections.abc import Iterable
from typing import Any

from local import errors, flag_edits, flag_shown
from local.errors import LocalError
from local.flag_edits import Definition, Share
from local.flag_words import parse, serving
from local.operator_door import Asked, asked_at, said, tenant_named

_STATES = {"on": "on", "off": "off", "archive": "archived"}


def main() -> None:
    """Ask, and print the answer."""
    options = parse(sys.argv[1:])
    with asked_at(options.stage) as ask:
        print(run(ask, options))


def run(ask: Asked, options: argparse.Namespace) -> str:
    """What is printed. Raises LocalError with the sentence of whatever was refused."""
    match options.verb:
        case "list":
            flags = said(ask, {"ask": "flags"})["flags"]
            return _text(options, flags, flag_shown.listed(flags))
        case "show":
            flag = _flag(ask, options.key)["flag"]
            return _text(options, flag["definition"], flag_shown.shown(flag))
        case "history":
            history = _flag(ask, options.key)["history"]
            return _text(options, history, flag_shown.told(history))
        case "exposures":
            exposures = said(ask, {"ask": "exposures", "key": options.key})["exposures"]
            return _text(options, exposures, flag_shown.counted(exposures))
        case "target" | "untarget":
            return _target(ask, options)
        case _:
            return _change(ask, options)


def _change(ask: Asked, options: argparse.Namespace) -> str:
    held = {} if options.verb == "create" else _flag(ask, options.key)["flag"]
    expected = held.get("version", 0)
    made = _made(options) if options.verb == "create" else edited(held["definition"], options)
    question = {"ask": "change_flag", "flag": made, "expected": expected, "reason": options.reason}
    version = _changed(ask, question, options)
    if version == expected:
        return _text(options, {"version": version}, [f"{options.key} is so already, in version {version}."])
    lines = [f"{options.key} is changed: version {version}, in force with the next request."]
    if made.get("state") == "off" and options.verb not in _STATES:
        lines.append(f"It is off: `freehold flags on {options.key}` lets this decide.")
    if options.verb == "rollout":
        lines += flag_edits.lost(held["definition"], made)
    return _text(options, {"version": version}, lines)


def edited(flag: Definition, options: argparse.Namespace) -> Definition:
    """The definition as it shall be."""
    match options.verb:
        case "serve":
            return flag_edits.served(flag, options.variant)
        case "rollout":
            return flag_edits.rolled_out(flag, options.shares, options.by)
        case "rule" if options.doing == "remove":
            return flag_edits.without_rule(flag, options.rule)
        case "rule":
            return flag_edits.with_rule(flag, _rule(flag, options), first=options.first)
        case state:
            return flag_edits.switched(flag, _STATES[state])


def _made(options: argparse.Namespace) -> Definition:
    if options.file:
        made = flag_edits.read(options.key, _read(options))
    elif options.variants:
        made = flag_edits.of_variants(options.key, options.variants)
    else:
        made = flag_edits.boolean(options.key)
    more = {"description": options.description, "experiment": options.experiment}
    return made | {name: value for name, value in more.items() if value}


def _read(options: argparse.Namespace) -> str:
    try:
        text: str = options.file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError(f"{options.file} cannot be read: {error}.") from None
    return text


def _rule(flag: Definition, options: argparse.Namespace) -> dict[str, Any]:
    try:
        serve = serving(options.serve)
    except argparse.ArgumentTypeError as error:
        raise LocalError(str(error)) from None
    rule = {
        "id": options.id,
        "when": [flag_edits.condition(written) for written in options.when],
        "from": options.since,
        "until": options.until,
        "serve": serve if isinstance(serve, str) else _split(flag, serve, options),
    }
    if options.by and isinstance(serve, str):
        raise LocalError(f'--by is for shares, and all have "{serve}" here: leave it out, or write {serve}=50%.')
    if not (rule["when"] or options.since or options.until):
        raise LocalError(
            f"A rule says when it holds: add --when, --from or --until; or `freehold flags serve {flag['key']}`."
        )
    return rule


def _split(flag: Definition, shares: list[Share], options: argparse.Namespace) -> dict[str, Any]:
    return {"split": flag_edits.split(flag, shares), "by": options.by or "tenant"}


def _target(ask: Asked, options: argparse.Namespace) -> str:
    tenant = tenant_named(ask, options.tenant, reason=options.reason)
    asked = {"tenant": tenant, "flag": options.key, "member": options.member, "reason": options.reason}
    if options.verb == "target":
        chosen = {"variant": options.variant, "until": options.until}
        answer = said(ask, {"ask": "target_flag", **asked, **chosen})
        until = f" until {options.until}" if options.until else ""
        return _text(
            options, answer, [f"{options.key} is {options.variant} for {tenant}{until}, from the next request on."]
        )
    answer = said(ask, {"ask": "end_target", **asked})
    if not answer["ended"]:
        raise LocalError(f"No variant of {options.key} was chosen for them by name.")
    return _text(options, answer, [f"The rules of {options.key} decide for {tenant} again, from the next request on."])


def _flag(ask: Asked, key: str) -> dict[str, Any]:
    return dict(said(ask, {"ask": "flag", "key": key}))


def _changed(ask: Asked, question: dict[str, Any], options: argparse.Namespace) -> int:
    answer = ask(question)
    if answer.get("code") == "flag_changed" and options.verb == "create":
        raise LocalError(f"There is a flag {options.key} already: `freehold flags show {options.key}`.")
    return int(said(lambda _: answer, question)["version"])


def _text(options: argparse.Namespace, answer: object, lines: Iterable[str]) -> str:
    return json.dumps(answer, indent=2, ensure_ascii=False) if options.json else "\n".join(lines)


if __name__ == "__main__":
    errors.run(main)
