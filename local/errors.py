"""What can go wrong on a laptop, said in one sentence instead of a traceback."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn


class LocalError(Exception):
    """One sentence: what is wrong, and what to do about it."""


def run(main: Callable[[], None]) -> NoReturn:
    """Run a command: SIGTERM and a closed terminal unwind it like Ctrl-C, and what it cannot do is one sentence."""
    signal.signal(signal.SIGTERM, _unwind)
    signal.signal(signal.SIGHUP, _unwind)
    try:
        main()
    except LocalError as error:
        sys.exit(f"error: {error}")
    except PermissionError as error:
        sys.exit(f"error: {error.filename} cannot be written by this user; run this as its owner, or delete it.")
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `make dev | head`
        sys.exit(0)
    sys.exit(0)


def _unwind(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)
