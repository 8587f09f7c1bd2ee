"""The inbox of the laptop: every mail can be read, and none can do anything there."""

import json
import time
import urllib.request
from uuid import uuid4

import pytest

from freehold.email.gateway import MailRefused
from freehold.email.models import Mail
from freehold.ids import TenantId
from local import web
from local.errors import LocalError
from local.inboxes import SENDER, Mailbox
from local.log_stream import LogStream, render
from local.ports import listen, port_of

HOSTILE = "<html><head></head><body><script>alert(1)</script><img src=x onerror=alert(1)></body></html>"


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    return LogStream(tmp_path_factory.mktemp("mailbox") / "functions.log")


@pytest.fixture(scope="module")
def mailbox(emulator, logs):
    with Mailbox(emulator.endpoint, logs=logs) as mailbox:
        yield mailbox


@pytest.fixture
def send(emulated):
    def send(*, subject="Hello", text="Hello\n", html="<p>Hello</p>", to="a@b.test"):
        words = {"subject": subject, "text": text, "html": html}
        return emulated("mail@freehold.test").send(
            Mail(id=uuid4(), tenant_id=TenantId(uuid4()), sender="Acme", to=to, **words)
        )

    return send


def fetch(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return answer.headers, answer.read().decode()


class TestList:
    def test_shows_every_mail_newest_first(self, mailbox, send):
        first, second = send(subject="First"), send(subject="Second")
        page = web.get(mailbox.url).body.decode()
        assert page.index(second) < page.index(first)
        assert [mail.subject for mail in mailbox.mails()][-2:] == ["First", "Second"]

    def test_a_subject_is_no_html(self, mailbox, send):
        send(subject="<script>alert(1)</script>")
        page = web.get(mailbox.url).body.decode()
        assert "&lt;script&gt;" in page
        assert "<script" not in page


class TestLetter:
    def test_shows_headers_text_and_html(self, mailbox, send):
        message_id = send(subject="Grüße", text="5 < 6", to="first@acme.test")
        page = web.get(f"{mailbox.url}/{message_id}").body.decode()
        assert "Grüße" in page
        assert "first@acme.test" in page
        assert "<pre>5 &lt; 6</pre>" in page
        assert f'src="/{message_id}/html"' in page

    def test_no_script_runs_in_it(self, mailbox, send):
        """Neither in its frame nor opened by itself: the frame and the policy each forbid it."""
        message_id = send(html=HOSTILE, text=HOSTILE)
        _, page = fetch(f"{mailbox.url}/{message_id}")
        assert "<script" not in page
        assert 'sandbox="allow-popups"' in page
        headers, html = fetch(f"{mailbox.url}/{message_id}/html")
        assert "<script>" in html, "it is the mail as it was sent"
        policy = headers["Content-Security-Policy"].split("; ")
        assert "default-src 'none'" in policy
        assert "sandbox allow-popups" in policy
        assert not [rule for rule in policy if rule.startswith("script-src")]

    def test_a_link_opens_beside_the_frame(self, mailbox, send):
        message_id = send(html="<html><head></head><body><a href='https://acme.test'>x</a></body></html>")
        assert '<head><base target="_blank">' in fetch(f"{mailbox.url}/{message_id}/html")[1]

    def test_an_unknown_one_is_absent(self, mailbox):
        assert web.get(f"{mailbox.url}/nobody").status == 404
        assert web.get(f"{mailbox.url}/nobody/html").status == 404


class TestServer:
    def test_answers_only_under_its_own_name(self, mailbox):
        """A page elsewhere whose name leads to this machine reads nobody's mail."""
        with pytest.raises(urllib.error.HTTPError, match="403"):
            fetch(mailbox.url, Host="evil.test")

    def test_a_port_in_use_is_a_sentence(self, logs):
        with listen() as taken, pytest.raises(LocalError, match="MAIL_PORT"):
            Mailbox("http://127.0.0.1:1", logs=logs, port=port_of(taken), choose="MAIL_PORT=…")


class TestSender:
    def test_may_send_once_it_is_verified(self, mailbox, emulated):
        mail = Mail(
            id=uuid4(), tenant_id=TenantId(uuid4()), sender="Acme", to="a@b.test", subject="S", text="", html=""
        )
        with pytest.raises(MailRefused):
            emulated(SENDER).send(mail)
        mailbox.verify_sender()
        mailbox.verify_sender()
        sent = emulated(SENDER).send(mail)
        assert mailbox.mails()[-1].id == sent


class TestLog:
    def test_has_one_line_for_each_mail(self, mailbox, send, logs):
        subject = f"Hello {uuid4()}"
        message_id = send(subject=subject, to="first@acme.test")
        deadline = time.monotonic() + 20
        while subject not in logs.file.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        lines = [line for line in logs.file.read_text().splitlines() if subject in line]
        assert [json.loads(line)["to"] for line in lines] == ["first@acme.test"]
        assert render(lines[0]).endswith(
            f"mail         INFO {subject} to=first@acme.test read={mailbox.url}/{message_id}"
        )


class TestPages:
    def test_stand_in_for_the_products_own_where_mails_lead(self, mailbox):
        page = web.get(f"{mailbox.pages}/jobs/<b>7</b>").body.decode()
        assert "your own web app shows" in page
        assert "&lt;b&gt;7" in page or "%3Cb%3E7" in page
        assert "<b>7" not in page
