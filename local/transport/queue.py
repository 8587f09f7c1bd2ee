"""A queue of at-least-once messages, and how disorderly it is."""

import random
import threading
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Disorder:
    """What SQS may do at any time, as chances between 0 and 1, and seconds."""

    twice: float = 0.0
    late: float = 0.0
    lateness: float = 0.05
    shuffled: bool = False
    refused: float = 0.0
    """Of the entries of a call that is otherwise answered with 200."""


ORDERLY = Disorder()


@dataclass(slots=True)
class Message:
    """One copy of a message."""

    body: str
    group: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    receives: int = 0
    visible_at: float = 0.0
    sent_at: float = field(default_factory=time.time)


class Queue:
    """Messages wait until they are deleted. One that was received too often goes to `dead`."""

    def __init__(
        self, *, visibility: float, receives: int, disorder: Disorder = ORDERLY, chance: random.Random | None = None
    ) -> None:
        self.dead: list[Message] = []
        self._visibility, self._receives = visibility, receives
        self._disorder, self._chance = disorder, chance or random.Random(0)  # noqa: S311 (disorder, not secrecy)
        self._messages: dict[str, Message] = {}
        self._changed = threading.Condition()

    def __len__(self) -> int:
        with self._changed:
            return len(self._messages)

    def send(self, body: str, group: str) -> str:
        """Keep it, maybe twice; its id."""
        copies = 2 if self._chance.random() < self._disorder.twice else 1
        with self._changed:
            made = [Message(body, group, visible_at=time.monotonic() + self._wait()) for _ in range(copies)]
            self._messages.update({message.id: message for message in made})
            self._changed.notify_all()
        return made[0].id

    def receive(self, most: int, *, wait: float = 0.0) -> list[Message]:
        """Up to `most` that are visible, now invisible; after `wait` seconds none."""
        deadline = time.monotonic() + wait
        with self._changed:
            while not (found := self._visible(most)):
                left = min([deadline, *(m.visible_at for m in self._messages.values())]) - time.monotonic()
                if deadline <= time.monotonic():
                    return []
                self._changed.wait(max(left, 0.001))
            return [self._handed_out(message) for message in found]

    def delete(self, message: Message) -> None:
        """It is done with."""
        with self._changed:
            self._messages.pop(message.id, None)

    def show_again(self) -> None:
        """As if the visibility timeout of everything that was received had passed."""
        with self._changed:
            for message in self._messages.values():
                message.visible_at = 0.0
            self._changed.notify_all()

    def empty(self) -> None:
        """Forget all messages."""
        with self._changed:
            self._messages.clear()

    def groups(self) -> dict[str, int]:
        """How many messages each group has."""
        with self._changed:
            counts: dict[str, int] = defaultdict(int)
            for message in self._messages.values():
                counts[message.group] += 1
            return dict(counts)

    def _wait(self) -> float:
        late = self._chance.random() < self._disorder.late
        return self._chance.random() * self._disorder.lateness if late else 0.0

    def _visible(self, most: int) -> list[Message]:
        now = time.monotonic()
        found: list[Message] = []
        spent: list[Message] = []
        for message in self._messages.values():
            if message.visible_at <= now:
                (spent if message.receives >= self._receives else found).append(message)
            if len(found) == most and not self._disorder.shuffled:
                break
        for message in spent:
            self.dead.append(self._messages.pop(message.id))
        if self._disorder.shuffled:
            self._chance.shuffle(found)
        return found[:most]

    def _handed_out(self, message: Message) -> Message:
        message.receives += 1
        message.visible_at = time.monotonic() + self._visibility
        return message
