"""The mails that functions have sent, for a browser on this machine: the stand-in for everybody's inbox.

The emulator keeps them for as long as it runs, and keeps neither their tags nor headers of ours. A mail's HTML is shown
as a mail client shows it: in a frame in which nothing runs.
"""

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from email.utils import parseaddr
from html import escape
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from local import aws, web
from local.log_stream import LogStream
from local.ports import LOOPBACK, require_free

SENDER = "Freehold <freehold@localhost.test>"
"""Whom mails come from on a laptop."""

_PAUSE_SECONDS = 1
_APP = "app"
_OURS = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'"
_THEIRS = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; sandbox allow-popups"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
:root {{ color-scheme: light dark }} body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem }}
td, th {{ padding: .2rem 1.5rem .2rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }}
iframe {{ width: 100%; height: 70vh; border: 1px solid #8888 }} pre {{ white-space: pre-wrap }}
</style></head><body>{body}</body></html>
"""


class SentMail(BaseModel):
    """A mail as the emulator remembers it."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(alias="MessageId")
    sender: str = Field(alias="Source")
    to: tuple[str, ...] = Field(alias="To")
    subject: str = Field(alias="Subject")
    text: str = Field(alias="BodyText")
    html: str | None = Field(alias="BodyHtml")
    sent_at: datetime = Field(alias="Timestamp")


class Mailbox:
    """Serves the mails from threads of this process, and announces each in the log."""

    def __init__(self, emulator: str, *, logs: LogStream, port: int = 0, choose: str = "another port") -> None:
        if port:
            require_free(port, what="the mailbox", choose=choose)
        self._emulator = emulator
        self._logs = logs
        self._server = _Server((LOOPBACK, port), self.mails)
        self._stopping = threading.Event()
        self._announced = 0
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Self:
        for work in (self._server.serve_forever, self._announce):
            threading.Thread(target=work, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def pages(self) -> str:
        """Where mails lead: what stands in for the product's own web pages."""
        return f"{self.url}/{_APP}"

    def verify_sender(self) -> None:
        """Have the emulator let it send, as SES lets an address whose owner has shown that it is theirs."""
        client = aws.session().client("sesv2", **aws.at(self._emulator))
        with suppress(client.exceptions.AlreadyExistsException):
            client.create_email_identity(EmailIdentity=parseaddr(SENDER)[1])

    def mails(self) -> list[SentMail]:
        """All that were sent, oldest first. Raises OSError where the emulator has ended."""
        answer = web.get(f"{self._emulator}/_ministack/ses/messages?account={aws.ACCOUNT}")
        return [SentMail.model_validate(mail) for mail in json.loads(answer.body)["messages"].get(aws.ACCOUNT, [])]

    def _announce(self) -> None:
        while not self._stopping.wait(_PAUSE_SECONDS):
            with suppress(OSError, HTTPException):  # the emulator ends before we do; whoever waits for it says so
                self._announce_new(self.mails())

    def _announce_new(self, mails: Sequence[SentMail]) -> None:
        for mail in mails[self._announced :]:
            self._logs.write(_log_line(mail, f"{self.url}/{mail.id}"))
        self._announced = len(mails)


def _of_the_product(path: str) -> str:
    said = f"<p>Here your own web app shows <code>/{escape(path)}</code>. The API has what stands there.</p>"
    return _page("Your web app", f"<h1>Your web app</h1>{said}")


def _log_line(mail: SentMail, url: str) -> str:
    record = {"level": "INFO", "timestamp": mail.sent_at.isoformat(), "function": "mail", "message": mail.subject}
    return json.dumps(record | {"to": ", ".join(mail.to), "read": url})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], mails: Callable[[], list[SentMail]]) -> None:
        self.mails = mails
        super().__init__(address, _Reader)


class _Reader(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.headers.get("Host") != f"{LOOPBACK}:{self.server.server_port}":  # a name that was led here from outside
            self._answer(HTTPStatus.FORBIDDEN, "", policy=_OURS)
            return
        mails = {mail.id: mail for mail in self.server.mails()}
        match self.path.strip("/").split("/"):
            case [""]:
                self._answer(HTTPStatus.OK, _list(list(mails.values())), policy=_OURS)
            case [mail_id] if mail := mails.get(mail_id):
                self._answer(HTTPStatus.OK, _letter(mail), policy=_OURS)
            case [mail_id, "html"] if mail := mails.get(mail_id):
                self._answer(HTTPStatus.OK, _framed(mail.html or ""), policy=_THEIRS)
            case [first, *below] if first == _APP:
                self._answer(HTTPStatus.OK, _of_the_product("/".join(below)), policy=_OURS)
            case _:
                self._answer(HTTPStatus.NOT_FOUND, _page("No such mail", "<p>There is no such mail.</p>"), policy=_OURS)

    def _answer(self, status: HTTPStatus, page: str, *, policy: str) -> None:
        body = page.encode(errors="replace")
        self.send_response(status)
        for name, value in {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(body)),
            "Content-Security-Policy": policy,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def _list(mails: Sequence[SentMail]) -> str:
    rows = "".join(
        f"<tr><td>{_clock(mail)}</td><td>{escape(', '.join(mail.to))}</td>"
        f'<td><a href="/{escape(mail.id)}">{escape(mail.subject) or "(no subject)"}</a></td></tr>'
        for mail in reversed(mails)
    )
    table = f"<table><tr><th>Sent</th><th>To</th><th>Subject</th></tr>{rows}</table>"
    return _page("Mail", f"<h1>Mail</h1>{table if mails else '<p>No mail has been sent yet.</p>'}")


def _letter(mail: SentMail) -> str:
    headers = {"From": mail.sender, "To": ", ".join(mail.to), "Subject": mail.subject, "Message-ID": f"<{mail.id}>"}
    rows = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in headers.items())
    frame = f'<iframe sandbox="allow-popups" title="The mail" src="/{escape(mail.id)}/html"></iframe>'
    html = f"<h2>HTML</h2>{frame}" if mail.html else ""
    body = f'<p><a href="/">All mails</a></p><table>{rows}</table>{html}<h2>Text</h2><pre>{escape(mail.text)}</pre>'
    return _page(mail.subject, body)


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=escape(title), body=body)


def _framed(html: str) -> str:
    """A link of it opens beside the frame."""
    return html.replace("<head>", '<head><base target="_blank">', 1)


def _clock(mail: SentMail) -> str:
    return mail.sent_at.astimezone().strftime("%H:%M:%S")
