"""What a post reaches, what it takes from an answer, and when it ends."""

import itertools
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address

import pytest

from freehold.webhooks.egress import EXCERPT, Egress
from freehold.webhooks.targets import NotPublic, Undeliverable
from tests.webhooks.certificates import Authority
from tests.webhooks.hostile import Protected, protected
from tests.webhooks.listeners import Listener, Say, answering

HOST = "hooks.acme.test"
PUBLIC = "93.184.215.14"
TLS = ssl.create_default_context()  # once, for it reads every authority of this machine


def resolving(*answers: str):
    """A resolver that gives one answer after the other, each with addresses between commas, and the last one again."""
    rest = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda _: [ip_address(address) for address in next(rest).split(",") if address]


def post(listener: Listener, *, seconds: float = 5, headers: dict[str, str] | None = None, body: bytes = b"{}"):
    egress = Egress(tls=TLS, listeners={f"{listener.host}:{listener.port}"}, seconds=seconds)
    return egress.post(listener.url, headers or {}, body)


def answer(say: Say, *, seconds: float = 5):
    with Listener(say) as listener:
        return post(listener, seconds=seconds)


def saying(*pieces: bytes) -> Say:
    return lambda connection: connection.sendall(b"".join(pieces))


def dribbling(first: bytes, every: bytes) -> Say:
    """A piece each hundredth of a second, for as long as the other side stays."""

    def say(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(first)
            while True:
                connection.sendall(every)
                time.sleep(0.01)

    return say


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.new(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def guarded() -> Iterator[Protected]:
    with protected() as listeners:
        yield listeners


class TestRequest:
    def test_is_what_the_receiver_reads(self):
        with Listener(answering()) as listener:
            post(listener, headers={"Webhook-Id": "evt_1"}, body=b'{"a": 1}')
        head, _, body = listener.requests[0].partition(b"\r\n\r\n")
        assert head.decode().split("\r\n") == [
            "POST /hook HTTP/1.1",
            "Webhook-Id: evt_1",
            f"Host: 127.0.0.1:{listener.port}",
            "Content-Length: 8",
            "Accept-Encoding: identity",
            "Connection: close",
        ]
        assert body == b'{"a": 1}'

    @pytest.mark.parametrize("value", ["a\r\nX: y", "a\nX: y", "a\rb", "a\0b", "ü"])
    def test_has_no_header_that_leaves_its_line(self, value):
        with Listener(answering()) as listener, pytest.raises(ValueError, match="visible ASCII"):
            post(listener, headers={"X-Custom": value})
        assert listener.connections == 0

    @pytest.mark.parametrize("name", ["", "X Y", "X:", "X\r\nY"])
    def test_has_no_header_without_a_proper_name(self, name):
        with Listener(answering()) as listener, pytest.raises(ValueError, match="letters, digits"):
            post(listener, headers={name: "y"})
        assert listener.connections == 0

    def test_takes_no_way_around_through_a_proxy(self, guarded: Protected, monkeypatch: pytest.MonkeyPatch):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{guarded.port}")
        assert answer(answering()).status == 200
        assert guarded.connections == 0

    def test_is_read_by_a_receiver_in_its_own_time_only_until_the_deadline(self):
        """More than the buffers between them hold, and nobody reads."""
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            place = f"127.0.0.1:{deaf.getsockname()[1]}"
            with pytest.raises(Undeliverable, match=r"not there within 0\.3 seconds"):
                Egress(tls=TLS, listeners={place}, seconds=0.3).post(f"http://{place}/", {}, b"x" * 20_000_000)


class TestTls:
    def secure(self, authority: Authority, listener: Listener, host: str = HOST, **odd: object):
        egress = Egress(
            listeners={f"{host}:{listener.port}"},
            resolve=resolving("127.0.0.1"),
            tls=odd.get("tls", authority.trusting),
            seconds=5,
        )
        return egress.post(f"https://{host}:{listener.port}/hook?a=b", {}, b"{}")

    def test_reaches_who_has_the_certificate_of_the_name(self, authority: Authority):
        with Listener(answering("204 No Content"), tls=authority.server(HOST)) as listener:
            assert self.secure(authority, listener).status == 204
        assert listener.requests[0].startswith(b"POST /hook?a=b HTTP/1.1\r\n")
        assert f"Host: {HOST}:{listener.port}".encode() in listener.requests[0]

    def test_asks_for_the_name_that_the_tenant_gave(self, authority: Authority):
        asked: list[str | None] = []
        context = authority.server(HOST)
        context.sni_callback = lambda _connection, name, _context: asked.append(name)
        with Listener(answering(), tls=context) as listener:
            self.secure(authority, listener)
        assert asked == [HOST]

    def test_refuses_the_certificate_of_another_name(self, authority: Authority):
        with (
            Listener(answering(), tls=authority.server("hooks.globex.test")) as listener,
            pytest.raises(Undeliverable, match="certificate of this host is not valid: Hostname mismatch"),
        ):
            self.secure(authority, listener)
        assert listener.requests == []

    def test_refuses_a_certificate_that_has_ended(self, authority: Authority):
        with (
            Listener(answering(), tls=authority.server(HOST, ended=True)) as listener,
            pytest.raises(Undeliverable, match="certificate has expired"),
        ):
            self.secure(authority, listener)
        assert listener.requests == []

    def test_refuses_an_authority_that_nobody_knows(self, authority: Authority):
        with (
            Listener(answering(), tls=authority.server(HOST)) as listener,
            pytest.raises(Undeliverable, match="unable to get local issuer"),
        ):
            self.secure(authority, listener, tls=TLS)
        assert listener.requests == []

    def test_says_so_where_the_receiver_speaks_no_tls(self, authority: Authority):
        with (
            Listener(answering("400 Bad Request"), reads=False) as listener,
            pytest.raises(Undeliverable, match="No TLS connection"),
        ):
            self.secure(authority, listener)

    def test_ends_in_time_where_the_receiver_reads_slowly(self, authority: Authority):
        def reading(connection: socket.socket) -> None:
            with suppress(OSError):
                while connection.recv(1000):
                    time.sleep(0.01)

        with Listener(reading, tls=authority.server(HOST), reads=False) as listener:
            egress = Egress(
                listeners={f"{HOST}:{listener.port}"},
                resolve=resolving("127.0.0.1"),
                tls=authority.trusting,
                seconds=0.3,
            )
            with pytest.raises(Undeliverable, match=r"within 0\.3 seconds"):
                egress.post(f"https://{HOST}:{listener.port}/", {}, b"x" * 8_000_000)

    def test_ends_in_time_where_the_handshake_never_does(self, authority: Authority):
        with Listener(answering()) as listener:  # waits for a request that it could read
            egress = Egress(
                listeners={f"{HOST}:{listener.port}"},
                resolve=resolving("127.0.0.1"),
                tls=authority.trusting,
                seconds=0.2,
            )
            with pytest.raises(Undeliverable, match=r"within 0\.2 seconds"):
                egress.post(f"https://{HOST}:{listener.port}/", {}, b"{}")


class TestName:
    def test_is_resolved_once(self, guarded: Protected):
        """What it means a moment later is never asked: a name server may answer differently each time."""
        asked: list[str] = []
        answers = resolving("127.0.0.1", PUBLIC)

        def resolve(host: str):
            asked.append(host)
            return answers(host)

        egress = Egress(tls=TLS, listeners={f"{HOST}:{guarded.port}"}, resolve=resolve, seconds=1)
        with pytest.raises(Undeliverable):
            egress.post(f"http://{HOST}:{guarded.port}/", {}, b"{}")
        assert (asked, guarded.connections) == ([HOST], 1)

    @pytest.mark.parametrize(
        "answers", [f"{PUBLIC},127.0.0.1", f"127.0.0.1,{PUBLIC}", f"{PUBLIC},::1", "10.0.0.1", "::1"]
    )
    def test_with_one_address_that_is_not_public_is_refused(self, guarded: Protected, answers):
        with pytest.raises(NotPublic, match=r"^This address is not public\.$"):
            Egress(tls=TLS, resolve=resolving(answers)).post(f"https://{HOST}:{guarded.port}/", {}, b"{}")
        assert guarded.connections == 0

    def test_is_judged_at_each_attempt(self, guarded: Protected):
        egress = Egress(tls=TLS, resolve=resolving("", "127.0.0.1"))
        with pytest.raises(Undeliverable, match="No address was found"):
            egress.post(f"https://{HOST}:{guarded.port}/", {}, b"{}")
        with pytest.raises(NotPublic):
            egress.post(f"https://{HOST}:{guarded.port}/", {}, b"{}")
        assert guarded.connections == 0

    def test_whose_server_never_answers_ends_in_time(self):
        def resolve(_: str):
            time.sleep(0.3)
            return [ip_address(PUBLIC)]

        with pytest.raises(Undeliverable, match="was not there within") as error:
            Egress(tls=TLS, resolve=resolve, seconds=0.1).post(f"https://{HOST}/", {}, b"{}")
        assert isinstance(error.value.__cause__, TimeoutError), "it counts as one"

    def test_has_a_second_address_where_the_first_does_not_answer(self):
        with Listener(answering()) as listener:
            egress = Egress(
                tls=TLS, listeners={f"{HOST}:{listener.port}"}, resolve=resolving("127.9.9.9,::1,127.0.0.1")
            )
            assert egress.post(f"http://{HOST}:{listener.port}/", {}, b"{}").status == 200


class TestListener:
    """What a laptop admits."""

    def test_is_reached_by_http(self):
        assert answer(answering()).status == 200

    def test_is_reached_through_ipv6(self):
        with Listener(answering(), family=socket.AF_INET6) as listener:
            egress = Egress(tls=TLS, listeners={f"[::1]:{listener.port}"})
            assert egress.post(f"http://[::1]:{listener.port}/", {}, b"{}").status == 200
        assert f"Host: [::1]:{listener.port}".encode() in listener.requests[0]

    def test_admits_no_other_port(self, guarded: Protected):
        with Listener(answering()) as listener, pytest.raises(Undeliverable):
            Egress(tls=TLS, listeners={listener.url}).post(f"http://127.0.0.1:{guarded.port}/", {}, b"{}")
        assert guarded.connections == 0

    def test_is_on_loopback_whatever_its_name_resolves_to(self):
        egress = Egress(tls=TLS, listeners={f"{HOST}:8090"}, resolve=resolving("10.0.0.1"))
        with pytest.raises(NotPublic):
            egress.post(f"http://{HOST}:8090/", {}, b"{}")

    def test_is_nobody_unless_named(self, guarded: Protected):
        with pytest.raises(Undeliverable):
            Egress(tls=TLS).post(f"http://127.0.0.1:{guarded.port}/", {}, b"{}")
        assert guarded.connections == 0


class TestAnswer:
    def test_has_status_headers_and_the_beginning_of_the_body(self):
        reply = answer(answering("503 Busy", "Retry-After: 30", body=b"later"))
        assert (reply.status, reply.headers["retry-after"], reply.excerpt) == (503, "30", "later")
        assert reply.milliseconds < 5000

    @pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
    def test_that_leads_elsewhere_is_not_followed(self, guarded: Protected, status):
        reply = answer(answering(status, f"Location: http://127.0.0.1:{guarded.port}/"))
        assert (reply.status, guarded.connections) == (int(status[:3]), 0)

    def test_sets_no_cookie_for_the_next(self):
        with Listener(answering("200 OK", "Set-Cookie: a=b")) as listener:
            post(listener)
            post(listener)
        assert b"ookie" not in listener.requests[1]

    def test_in_chunks_is_put_together(self):
        reply = answer(saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n"))
        assert reply.excerpt == "abcde"

    @pytest.mark.parametrize(
        "chunks", [b"zz\r\nab", b"-5\r\nab", b"ffffffffffffffff\r\nab", b"5\r\nab", b"\r\n", b"2;" + b"x" * 100_000]
    )
    def test_in_broken_chunks_keeps_its_status(self, chunks):
        assert answer(saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunks)).status == 200

    def test_of_any_length_is_read_as_far_as_its_beginning(self):
        sent: list[int] = []

        def endless(connection: socket.socket) -> None:
            with suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while len(sent) < 10_000:
                    sent.append(connection.send(b"x" * 10_000))

        reply = answer(endless)
        assert (reply.status, reply.excerpt) == (200, "x" * EXCERPT)
        assert sum(sent) < 50_000_000

    def test_that_is_compressed_is_not_unpacked(self):
        reply = answer(answering("200 OK", "Content-Encoding: gzip", body=b"\x1f\x8b\x08bomb"))
        assert reply.excerpt == "\x1f�\x08bomb".translate({0x1F: "�", 0x08: "�"})

    def test_is_the_final_one_after_interim_ones(self):
        hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        reply = answer(saying(hints * 2 + b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n"))
        assert (reply.status, reply.headers) == (204, {"x": "y"})

    def test_can_be_kept_by_the_database_and_shown(self):
        assert answer(answering(body=b"a\0b\x1b[31m\r\n\xffc")).excerpt == "a�b�[31m�\n�c"

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            (b"", "closed before there was an answer"),
            (b"SSH-2.0-OpenSSH_9.6\r\n", "not HTTP"),
            (b"HTTP/1.1 abc OK\r\n\r\n", "not HTTP"),
            (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "not HTTP"),
            (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000, "headers of the answer are too long"),
            (b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000, "headers of the answer are too long"),
        ],
    )
    def test_that_is_none_is_said_so(self, said, sentence):
        with pytest.raises(Undeliverable, match=sentence):
            answer(saying(said))

    @pytest.mark.parametrize(
        "first",
        [
            b"",
            b"HTTP/1.1 200 OK\r\nX: ",
            b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2000;",
        ],
        ids=["status", "header", "body", "body without length", "chunk"],
    )
    def test_that_comes_byte_by_byte_ends_at_the_deadline(self, first):
        with pytest.raises(Undeliverable, match=r"within 0\.2 seconds"):
            answer(dribbling(first, b"a"), seconds=0.2)

    def test_that_comes_before_the_request_was_read_counts(self):
        with Listener(answering("410 Gone"), reads=False) as listener:
            assert post(listener, body=b"x" * 2_000_000).status == 410

    def test_is_missing_where_nobody_listens(self):
        with Listener(answering()) as gone:
            pass
        with pytest.raises(Undeliverable, match="Nobody accepted a connection"):
            post(gone)
