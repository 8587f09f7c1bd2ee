"""The runbook's commands for CloudFront's certificate make one that API Gateway would let in, and only that one."""

import re
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from infra.domain import EDGE_SUBJECT
from tests.infra.conftest import ROOT

RUNBOOK = (ROOT / "docs/runbooks/first-deployment.md").read_text()

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl here to run the commands with")


def commands():
    """Those of the section that make keys and certificates, as they stand there."""
    section = RUNBOOK.partition("### CloudFront's certificate\n")[2].partition("\n## ")[0].replace("\\\n", " ")
    lines = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    return [line for line in lines if line.startswith(("openssl ", "printf "))]


def typed(folder):
    """The folder in which somebody has typed them."""
    for command in commands():
        subprocess.run(command, shell=True, check=True, cwd=folder, capture_output=True)  # noqa: S602 (as a person does)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return typed(tmp_path_factory.mktemp("edge"))


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """Somebody else who has typed the same."""
    return typed(tmp_path_factory.mktemp("other"))


def let_in(authority, shown, key):
    """Whom a server sees that asks for a certificate of this authority; None where it ends the handshake."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(authority / "edge.pem", authority / "edge.key")
    server.load_verify_locations(authority / "edge-authority.pem")
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context()
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    if shown:
        client.load_cert_chain(shown, key)
    here, there = socket.socketpair()
    with here, there:
        visitor = threading.Thread(target=_visit, args=(client, there))
        visitor.start()
        try:
            with server.wrap_socket(here, server_side=True) as seen:
                return seen.getpeercert()["subject"]
        except ssl.SSLError:
            return None
        finally:
            here.close()
            visitor.join()


def _visit(client, there):
    try:
        with client.wrap_socket(there) as connected:
            connected.recv(1)
    except OSError:
        pass


class TestCommands:
    def test_are_there(self):
        assert [re.match(r"\w+( \w+)?", command).group() for command in commands()] == [
            "openssl req",
            "openssl req",
            "printf",
            "openssl x509",
        ]

    def test_make_out_the_certificate_to_whom_we_believe(self, made):
        assert EDGE_SUBJECT == "CN=freehold-edge"
        assert let_in(made, made / "edge.pem", made / "edge.key") == ((("commonName", "freehold-edge"),),)

    def test_keep_whoever_shows_nothing_out(self, made):
        assert let_in(made, None, None) is None

    def test_keep_one_of_the_same_name_by_another_authority_out(self, made, other):
        assert let_in(made, other / "edge.pem", other / "edge.key") is None
        assert let_in(other, other / "edge.pem", other / "edge.key"), "the control"
