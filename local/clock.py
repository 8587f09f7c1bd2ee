"""The clock of a stage, where nobody wants to wait for it: wakes the relay at once, and again whenever it has gone.

A deployed relay is woken by its schedule, as the stage says; the emulator's first call by a schedule comes a minute
late. This calls the same alias with the same event. Where both come, one of the two relays has the turn.

A relay that is ended, as each edit ends it, keeps its turn for seconds, in case it lives. Here it is known not to.
"""

import datetime as dt
import json
import threading
from contextlib import suppress
from typing import Any, Self

import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.manifest import RELAY
from local import aws

_PATIENCE = Config(read_timeout=RELAY.timeout_seconds + 10)
_PAUSE_SECONDS = 0.3
"""After a call that failed: an edit that does not run is not tried as fast as it fails."""
_FREE_THE_TURN = "update app.turns set until = now() where name = 'relay' and done_at is null"


class Clock:
    """Calls from a thread of this process until it is stopped; `database` is how the superuser connects."""

    def __init__(self, emulator: str, *, stage: str, database: str) -> None:
        target = aws.at(emulator)
        self._lambda: Any = aws.session().client(
            "lambda", endpoint_url=target["endpoint_url"], config=target["config"].merge(_PATIENCE)
        )
        self._relay = f"freehold-{stage}-{RELAY.name}"
        self._database = database
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """The call that is under way ends with the emulator."""
        self._stopping.set()

    def _tick(self) -> None:
        while not self._stopping.is_set():
            if not self._wake_relay() and not self._stopping.wait(_PAUSE_SECONDS):
                self._free_its_turn()

    def _wake_relay(self) -> bool:
        """Whether it came, stayed and left in good order; whatever was wrong is in the log."""
        due = json.dumps({"scheduled_at": dt.datetime.now(dt.UTC).isoformat()})
        try:
            answer = self._lambda.invoke(FunctionName=self._relay, Qualifier="live", Payload=due)
        except (BotoCoreError, ClientError):
            return False
        return "FunctionError" not in answer

    def _free_its_turn(self) -> None:
        with suppress(psycopg.Error), psycopg.connect(self._database) as connection:
            connection.execute(_FREE_THE_TURN)
