"""A story told over HTTP: each step is a request with the status it must have, printed as a line as it happens."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

_PATIENCE_SECONDS = 30
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Company:
    """What one side of the story holds."""

    name: str
    token: str
    tenant: str
    key: str
    key_id: str


class Story:
    """Counts its steps; one that fails says what came instead, and the story goes on."""

    def __init__(self, client: httpx.Client) -> None:
        self.steps: list[dict[str, Any]] = []
        self._client = client
        self._step = ""

    @property
    def passed(self) -> int:
        """Steps that went as told."""
        return sum(step["passed"] for step in self.steps)

    @property
    def failed(self) -> int:
        """Steps that did not."""
        return len(self.steps) - self.passed

    @contextmanager
    def to_its_end(self) -> Iterator[None]:
        """A request that gets no answer ends it before: that is its last step, and it failed."""
        try:
            yield
        except httpx.TransportError as error:
            sent = f"{error.request.method} {error.request.url.path}"
            why = f"{sent} got no answer ({type(error).__name__}): this machine is busy. Try again when less runs."
            self._tell(self._step, why, passed=False)

    def chapter(self, title: str) -> None:
        """Begin a part of it."""
        print(f"\n{title}", flush=True)

    def expect(
        self,
        what: str,
        status: int,
        method: str,
        path: str,
        token: str,
        **request: Any,  # noqa: ANN401 (httpx's)
    ) -> dict[str, Any]:
        """Send a request that must be answered with `status`; its body, empty where there is none."""
        self._step = what
        answer = self.send(method, path, token, **request)
        if answer.status_code == status:
            self._tell(what, f"{status} {_gist(answer)}", passed=True)
        else:
            self._tell(what, f"{answer.status_code} instead of {status}: {answer.text[:300]}", passed=False)
        return _body(answer)

    def send(self, method: str, path: str, token: str, **request: Any) -> httpx.Response:  # noqa: ANN401 (httpx's)
        """Send a request that is no step of its own."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **request.pop("headers", {})}
        return self._client.request(method, path, headers=headers, **request)

    def until[T](self, what: str, find: Callable[[], T | None]) -> T | None:
        """Wait for something that comes by itself; None where it does not."""
        self._step = what
        begin = time.monotonic()
        while (there := find()) is None and time.monotonic() - begin < _PATIENCE_SECONDS:
            time.sleep(_PAUSE_SECONDS)
        seconds = f"{time.monotonic() - begin:.1f} s"
        self._tell(what, f"after {seconds}" if there is not None else f"not in {seconds}", passed=there is not None)
        return there

    def check(self, what: str, passed: bool) -> None:  # noqa: FBT001 (a condition is what it takes)
        """Something about the answer before."""
        self._step = f"after: {what}"
        self._tell(what, "" if passed else "no", passed=passed)

    def _tell(self, what: str, outcome: str, *, passed: bool) -> None:
        self.steps.append({"step": what, "passed": passed, "outcome": outcome})
        print(f"  {'✓' if passed else '✗'} {what:<46} {outcome}".rstrip(), flush=True)


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json() if answer.content else {}
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _gist(answer: httpx.Response) -> str:
    return str(_body(answer).get("code", ""))
