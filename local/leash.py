"""Run a command that ends, with all it started, when whoever holds the other end of our standard input is gone.

A process that was killed cannot clean up, so its children must notice: the kernel closes the pipe for it. Standard
library only, started by path in isolated mode, so that it costs milliseconds. The arguments are one JSON object.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any


def main() -> int:
    """Start the command in a session of its own and wait for its end or our owner's."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    child = subprocess.Popen(
        order["command"],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=order["descriptors"],
        **order["identity"],
    )
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: _end(child, order))
    threading.Thread(target=_follow_owner, args=(child, order), daemon=True).start()
    code = child.wait()
    _kill_group(child)
    return code if code >= 0 else 128 - code


def _follow_owner(child: "subprocess.Popen[bytes]", order: dict[str, Any]) -> None:
    os.read(0, 1)
    _end(child, order)


def _end(child: "subprocess.Popen[bytes]", order: dict[str, Any]) -> None:
    child.send_signal(order["stop_signal"])
    timer = threading.Timer(order["grace_seconds"], _kill_group, (child,))
    timer.daemon = True
    timer.start()


def _kill_group(child: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS says EPERM where only zombies are left
        os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
