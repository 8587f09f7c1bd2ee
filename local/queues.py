"""Shows what waits in the queues, what was given up, and sends that back when its cause is mended.

Without --stage they are the queues of the running `make dev`. A look at a queue in use counts as a try of the messages
that it shows; a look at dead letters does not.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.stage import STAGES
from local import errors
from local.errors import LocalError
from local.queue_access import Letter, QueueAccess, QueueState, queues_of

_EXAMPLES = """examples:
  freehold queues                                how many messages are where
  freehold queues --stage launch --json
  freehold queues peek webhooks --dead           the dead letters of a purpose
  freehold queues redrive webhooks --yes         back to their queue, to be tried again

exit code: 0 done, 1 refused or failed, 2 not understood; for the list, 1 also where there are dead letters"""

_HEADER = ("purpose", "waiting", "in flight", "delayed", "dead", "oldest")


def main() -> None:
    """0 when it is done, and for the list when nothing was given up; else 1."""
    options = parse(sys.argv[1:])
    try:
        sys.exit(run(queues_of(options.stage), options))
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"SQS does not answer: {error}") from error


def run(queues: QueueAccess, options: argparse.Namespace) -> int:
    """The exit code."""
    match options.verb:
        case "peek":
            return _peek(queues, options)
        case "redrive":
            return _redrive(queues, options)
        case _:
            return _list(queues, options)


def _list(queues: QueueAccess, options: argparse.Namespace) -> int:
    states = list(queues.states())
    _say([asdict(state) for state in states] if options.json else _table(states), options)
    return int(any(state.dead for state in states))


def _peek(queues: QueueAccess, options: argparse.Namespace) -> int:
    letters = queues.look(options.name, dead=options.dead, count=options.count)
    _say([asdict(letter) for letter in letters] if options.json else _readable(letters), options)
    return 0


def _redrive(queues: QueueAccess, options: argparse.Namespace) -> int:
    dead = queues.dead(options.name)
    if dead and not options.yes and not _agreed(f"Send {dead} back to {options.name}?"):
        raise LocalError("Nothing was sent back.")
    sent = queues.send_back(options.name) if dead else 0
    _say(
        {"purpose": options.name, "sent_back": sent} if options.json else f"{sent} sent back to {options.name}", options
    )
    return 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise LocalError(f"{question} Nobody can be asked here: say --yes.")
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def _say(what: Any, options: argparse.Namespace) -> None:  # noqa: ANN401 (text, or what JSON holds)
    print(json.dumps(what, indent=2) if options.json else what, flush=True)


def _table(states: Sequence[QueueState]) -> str:
    rows = [_HEADER, *(_row(state) for state in states)]
    return "\n".join(f"  {row[0]:<16}" + "".join(f"{cell:>11}" for cell in row[1:]) for row in rows)


def _row(state: QueueState) -> tuple[str, ...]:
    oldest = "-" if state.oldest_seconds is None else f"{state.oldest_seconds} s"
    counts = (state.waiting, state.in_flight, state.delayed, state.dead)
    return (state.purpose, *map(str, counts), oldest)


def _readable(letters: Sequence[Letter]) -> str:
    lines = [f"{one.sent_at}  {one.tries} tries  {one.group or 'no tenant'}  {one.id}\n  {one.body}" for one in letters]
    return "\n".join(lines) or "nothing there"


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Raises SystemExit with 2 for what is not understood."""
    where = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    where.add_argument("--stage", choices=STAGES, help="a deployed stage, in the account that AWS credentials name")
    where.add_argument("--json", action="store_true", help="as JSON, and nothing else")
    parser = argparse.ArgumentParser(
        prog="freehold queues",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[where],
    )
    verbs = parser.add_subparsers(dest="verb", metavar="{peek,redrive}")
    peek = verbs.add_parser("peek", parents=[where], help="show messages, which stay where they are")
    peek.add_argument("name", help="the queue's purpose, as the list shows it")
    peek.add_argument("--dead", action="store_true", help="its dead letters instead")
    peek.add_argument("--count", type=int, default=10, help="at most so many (10)")
    redrive = verbs.add_parser("redrive", parents=[where], help="send dead letters back to their queue")
    redrive.add_argument("name", help="the queue's purpose, as the list shows it")
    redrive.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args(words, argparse.Namespace(stage=None, json=False))


if __name__ == "__main__":
    errors.run(main)
