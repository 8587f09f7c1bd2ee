"""What OpenFeature's provider for browsers does across origins: a browser lets it, where its app's origin is named."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from infra import cors
from infra.node import bundled_node
from local.ports import LOOPBACK
from tests.conformance.decided import Product
from tests.conformance.openfeature.javascript import beside, javascript
from tests.conformance.test_openfeature_docs import code, run

BY_THE_BROWSER = {
    *("accept", "accept-encoding", "accept-language", "connection", "content-length", "host", "origin", "user-agent"),
    *("sec-fetch-mode", "cache-control", "pragma"),
}
"""Headers that a browser sends by itself, the last two with each conditional request, or lets every page send."""


@contextmanager
def recorded() -> Iterator[tuple[str, set[str]]]:
    """An address, and the names of the headers that arrive there."""
    names: set[str] = set()

    class Requests(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            names.update(name.lower() for name in self.headers)
            self.rfile.read(int(self.headers.get("content-length") or 0))
            body = b'{"flags": []}'
            self.send_response(304 if "if-none-match" in self.headers else 200)
            self.send_header("etag", '"1"')
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if "if-none-match" not in self.headers:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with HTTPServer((LOOPBACK, 0), Requests) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://{LOOPBACK}:{server.server_port}", names
        server.shutdown()
        thread.join()


def test_it_sends_no_header_that_a_preflight_would_refuse(packages: Path) -> None:
    with recorded() as (url, names), javascript(packages) as node:
        node("open", "browser", url=url, headers={"Authorization": "Bearer x"}, web=True, poll=50)
        node("seen", "browser", status=304, times=1)
        node("close", "browser")
    assert {"authorization", "content-type", "if-none-match"} <= names, "the control"
    assert names - BY_THE_BROWSER <= set(cors.ALLOWED)


def test_the_page_is_served(product: Product, packages: Path, tmp_path: Path) -> None:
    """As a browser runs it, but for the address, the token, and a word about what it found."""
    page = code("typescript", tmp_path / "page.mts")
    told = page.read_text().replace('"https://api.acme.com"', "process.env.FREEHOLD_URL!")
    told = told.replace("${accessToken}", "${process.env.FREEHOLD_TOKEN}")
    page.write_text(f"{told}\nconsole.log(shown);\nprocess.exit(0);\n")
    assert run(product, bundled_node(), beside(packages, page)) == ["false"]
