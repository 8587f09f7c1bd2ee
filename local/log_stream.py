"""One readable line for each JSON line of a function's log; what is not JSON passes as it is."""

import json
import sys
import threading
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO

from local.function_output import Record, is_request, parse

_PLAIN, _YELLOW, _RED, _DIM = "", "33", "31", "2"
_STYLE_OF_LEVEL = {"DEBUG": _DIM, "WARNING": _YELLOW, "ERROR": _RED, "CRITICAL": _RED}
_STYLE_OF_OUTCOME = {"4": _YELLOW, "r": _YELLOW, "5": _RED, "e": _RED}  # 4xx, refused; 5xx, error
_SHOWN_APART = {
    *("level", "message", "timestamp", "function", "function_name", "route", "status", "outcome", "ms"),
    *("exception", "exception_name", "stack_trace"),
}
_FOR_MACHINES = {
    *("service", "stage", "location", "sampling_rate", "xray_trace_id"),
    *("function_memory_size", "function_arn", "function_request_id"),
    *("version", "_aws", "db_ms", "round_trips", "statements", "calls", "calls_ms"),
}
_FOR_FAILURES = {
    *("request_id", "correlation_id", "cold_start", "principal", "steps"),
    *("tenant_id", "event_id", "job_id", "message_id", "receives"),
}


def render(line: str, *, color: bool = False) -> str:
    """The line for a person: time, function, what happened; a traceback on the lines below it."""
    record = parse(line)
    if record is None:
        return line
    style = _style(record)
    head = f"{_clock(record)} {_function(record):<12} {_text(record)}{_extras(record, failed=style in {_YELLOW, _RED})}"
    painted = f"\033[{style}m{head}\033[0m" if color and style else head
    return "\n".join([painted, *_traceback(record)])


def _style(record: Record) -> str:
    if is_request(record):
        return _STYLE_OF_OUTCOME.get(_outcome(record)[:1], _PLAIN)
    return _STYLE_OF_LEVEL.get(str(record["level"]), _PLAIN)


def _clock(record: Record) -> str:
    """The time of day in this machine's zone: of the record where it tells it, else now."""
    try:
        at = datetime.fromisoformat(str(record.get("timestamp")))
    except ValueError:
        at = datetime.now().astimezone()
    return at.astimezone().strftime("%H:%M:%S")


def _function(record: Record) -> str:
    return str(record.get("function") or record.get("function_name") or record.get("service") or "?")


def _text(record: Record) -> str:
    if is_request(record):
        return f"{record.get('route', '')} {_outcome(record)} {record['ms']} ms".lstrip()
    return f"{record['level']} {_short(record.get('message', ''))}"


def _outcome(record: Record) -> str:
    return str(record.get("status") or record.get("outcome") or "")


def _extras(record: Record, *, failed: bool) -> str:
    hidden = _SHOWN_APART | _FOR_MACHINES | (set() if failed else _FOR_FAILURES)
    return "".join(f" {name}={_short(value)}" for name, value in record.items() if name not in hidden)


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _traceback(record: Record) -> list[str]:
    return [f"    {line}" for line in str(record.get("exception") or "").rstrip().splitlines()]


class LogStream:
    """Sends raw lines to a file and readable ones to the terminal, once somebody watches."""

    def __init__(self, file: Path, *, echo: IO[str] | None = None) -> None:
        self.file = file
        self._echo = echo
        self._writing = threading.Lock()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")

    def write(self, line: str) -> None:
        """Take one line, without its end."""
        with self._writing:
            with self.file.open("a") as file:
                file.write(f"{line}\n")
            if self._echo:
                print(render(line, color=self._echo.isatty()), file=self._echo, flush=True)

    def follow(self, output: Iterable[bytes]) -> None:
        """Take lines until there are no more."""
        for line in output:
            self.write(line.decode(errors="replace").rstrip("\n"))

    def echo_to_terminal(self) -> None:
        """From now on, show lines as they come."""
        self._echo = sys.stdout
