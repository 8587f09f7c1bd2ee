"""The HTTP that boto3 speaks to SQS, EventBridge and SES: the four calls that our gateways make."""

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any, Self

from local.transport.queue import ORDERLY, Disorder, Queue
from local.transport.server import Server

type Call = dict[str, Any]

MAIL = "/v2/email/outbound-emails"
type Watch = Callable[[str, str], None]
"""Hears `(call, "before" | "after")` around each, and may end whoever called."""


class Transport:
    """Endpoint and queues. `rules` says which event types (`*`: all) the bus hands to which queue."""

    def __init__(
        self,
        queues: Mapping[str, Queue],
        rules: Mapping[str, Sequence[str]],
        *,
        disorder: Disorder = ORDERLY,
        chance: random.Random | None = None,
        watch: Watch = lambda _call, _when: None,
    ) -> None:
        self.queues, self.mails = queues, list[Call]()
        self.published: list[Call] = []
        self._rules, self._watch = rules, watch
        self._disorder, self._chance = disorder, chance or random.Random(0)  # noqa: S311 (disorder, not secrecy)
        self._server = Server(_handler(self))
        self.endpoint = f"http://{self._server.where}"

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def url(self, queue: str) -> str:
        """A queue's address."""
        return f"{self.endpoint}/000000000000/{queue}"

    def answer(self, target: str, call: Call) -> Call:
        """What AWS would answer."""
        self._watch(target, "before")
        answered = _CALLS[target](self, call)
        self._watch(target, "after")
        return answered

    def send_messages(self, call: Call) -> Call:
        """SendMessageBatch."""
        queue = self.queues[call["QueueUrl"].rpartition("/")[2]]
        done: list[Call] = []
        failed: list[Call] = []
        for entry in call["Entries"]:
            if self._refuses():
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
                continue
            body = entry["MessageBody"]
            message_id = queue.send(body, entry.get("MessageGroupId", ""))
            md5 = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
            done.append({"Id": entry["Id"], "MessageId": message_id, "MD5OfMessageBody": md5})
        return {"Successful": done, "Failed": failed}

    def put_events(self, call: Call) -> Call:
        """PutEvents: each event goes to the queue of each rule that it fits, in an envelope of EventBridge's."""
        entries = [self._put(entry) for entry in call["Entries"]]
        return {"FailedEntryCount": sum("ErrorCode" in entry for entry in entries), "Entries": entries}

    def send_mail(self, call: Call) -> Call:
        """SendEmail."""
        self.mails.append(call)
        return {"MessageId": str(uuid.uuid4())}

    def _put(self, entry: Call) -> Call:
        if self._refuses():
            return {"ErrorCode": "InternalFailure", "ErrorMessage": "refused, for the sake of a test"}
        detail, event_id = json.loads(entry["Detail"]), str(uuid.uuid4())
        self.published.append(detail)
        body = {
            "version": "0",
            "id": event_id,
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "detail": detail,
        }
        for queue, types in self._rules.items():
            if "*" in types or entry["DetailType"] in types:
                self.queues[queue].send(json.dumps(body), detail["tenant_id"])
        return {"EventId": event_id}

    def _refuses(self) -> bool:
        return self._chance.random() < self._disorder.refused


_CALLS: dict[str, Callable[[Transport, Call], Call]] = {
    "SendMessageBatch": Transport.send_messages,
    "PutEvents": Transport.put_events,
    "SendEmail": Transport.send_mail,
}


def _handler(transport: Transport) -> type[BaseHTTPRequestHandler]:
    class Service(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            """One call, by the name in its header; SES has a path instead. Half a call is of a client that has died."""
            length = int(self.headers["Content-Length"])
            if len(sent := self.rfile.read(length)) < length:
                self.close_connection = True
                return
            call = json.loads(sent)
            target = "SendEmail" if self.path == MAIL else self.headers["X-Amz-Target"].rpartition(".")[2]
            body = json.dumps(transport.answer(target, call)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The functions tell what they do."""

    return Service
