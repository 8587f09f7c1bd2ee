"""Keeps a function host running on the newest code: an edit restarts it, and so does its death.

The listening socket is ours and outlives every host, so whoever calls in between waits a moment and is not refused.
"""

import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

import watchfiles

from local import aws
from local.errors import LocalError
from local.log_stream import LogStream
from local.plans_lint import lint
from local.ports import LOOPBACK, listen, port_of
from local.processes import Child, environment
from local.project import ROOT

_CODE = ("functions", "layers")
PLANS = "plans.toml"
_DEBOUNCE_MS = 100
_PAUSE_AFTER_DEATH_SECONDS = 0.5


class Reloader:
    """Serves the handlers of a working tree until it is stopped."""

    def __init__(
        self, logs: LogStream, *, aws_endpoint: str, root: Path = ROOT, publish: Callable[[Path], object] | None = None
    ) -> None:
        """`publish` puts plans into force that were edited, and are right."""
        self._logs = logs
        self._publish = publish
        self._root = root
        self._aws_endpoint = aws_endpoint
        self._listening = listen()
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._host: Child | None = None
        self._threads: list[threading.Thread] = []
        self.url = f"http://{LOOPBACK}:{port_of(self._listening)}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the host, and watch the code."""
        self._restart()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._watch, self._revive)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the host and stop watching. Stopping twice is allowed."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._threads = []
        if self._host:
            self._host.end()
        self._listening.close()

    def _restart(self) -> None:
        with self._turn:
            if self._host:
                self._host.end()
            self._host = self._start_host()

    def _start_host(self) -> Child:
        host = Child(
            [sys.executable, "-m", "local.function_host", str(self._listening.fileno())],
            output=subprocess.PIPE,
            env=self._environment(),
            folder=self._root,
            descriptors=[self._listening.fileno()],
            grace_seconds=1,
        )
        threading.Thread(target=self._follow, args=(host,), daemon=True).start()
        return host

    def _follow(self, host: Child) -> None:
        with host.output as output:
            self._logs.follow(output)

    def _environment(self) -> dict[str, str]:
        return environment(
            **aws.CREDENTIALS,
            AWS_ENDPOINT_URL=self._aws_endpoint,
            AWS_REGION=aws.REGION,
            AWS_DEFAULT_REGION=aws.REGION,
            PYTHONPATH=os.pathsep.join(str(folder) for folder in (self._root, self._root / "layers", ROOT)),
            PYTHONUNBUFFERED="1",
        )

    def _watch(self) -> None:
        folders = [self._root / name for name in _CODE if (self._root / name).exists()]
        for changes in watchfiles.watch(*folders, stop_event=self._stopping, debounce=_DEBOUNCE_MS, step=20):
            changed = sorted({Path(path) for _, path in changes})
            forget_bytecode(changed)
            self._logs.write(f"Reloading: {', '.join(_name(path, self._root) for path in changed)}")
            if any(path.name == "manifest.py" or path.suffix == ".sql" for path in changed):
                self._logs.write(
                    "Routes and migrations take effect when `make dev` starts: end it with Ctrl-C, start it again."
                )
            if any(path.name == PLANS for path in changed):
                self._check_plans(next(path for path in changed if path.name == PLANS))
            self._restart()

    def _check_plans(self, file: Path) -> None:
        """What is wrong with them stands in the answers of functions only as far as an emulator passes it on."""
        try:
            lint(file)
        except LocalError as error:
            self._logs.write(f"{error}\nWhatever needs the plans answers with errors until this is right.")
        else:
            if self._publish:
                self._publish(file)

    def _revive(self) -> None:
        while not self._stopping.wait(0.05):
            with self._turn:
                code = self._host.exit_code() if self._host else None
            if code is not None:
                self._logs.write(f"The function host ended with exit code {code}; starting it again.")
                time.sleep(_PAUSE_AFTER_DEATH_SECONDS)
                self._restart()


def forget_bytecode(paths: Iterable[Path]) -> None:
    """Python compares whole seconds and sizes: two edits within one second could leave the first one's bytecode."""
    for path in paths:
        if path.suffix == ".py":
            Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def _name(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
