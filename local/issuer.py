"""An OpenID Connect issuer for the laptop: a login page without passwords, and a token for anybody who asks.

It is the stand-in for Cognito, Auth0 and their like. It checks no password: it exists on loopback only, and its keys
lie in `.freehold/`, so that tokens survive a restart. Below its address, each name is another issuer with keys of its
own, such as `http://127.0.0.1:4567/acme`: what a customer brings as their single sign-on.
"""

import argparse
import json
import re
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import ValidationError

from local import errors, login_page
from local.authorization_codes import LOOPBACK as LOOPBACK_ADDRESS
from local.authorization_codes import Codes, FlowError, NotLoopback, answer_at, read_wanted, redirect_uri
from local.members import Member
from local.ports import LOOPBACK, require_free
from local.project import DEV
from local.provider import AUDIENCE, Claims, Provider, SignIn

__all__ = ["AUDIENCE", "Issuer"]

LARGEST = 64 * 1024  # bytes
_PATH = re.compile(r"(?:/(?P<name>[a-z0-9][a-z0-9-]{0,39}))?/(?P<page>authorize|token|\.well-known/[a-z.-]+|)")


class Issuer(Provider):
    """Serves from threads of this process. `members` says whom the login page offers."""

    def __init__(self, folder: Path, *, port: int = 0, choose: str = "another port") -> None:
        if port:
            require_free(port, what="the identity issuer", choose=choose)
        self._server = _Server((LOOPBACK, port), self)
        super().__init__(f"http://{LOOPBACK}:{self._server.server_port}", folder / "issuer-keys.json")
        self.members: Callable[[], list[Member]] = list
        self.codes = Codes()
        self._folder = folder
        self._others: dict[str, Provider] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Stop serving a started issuer."""
        self._server.shutdown()
        self._server.server_close()

    def provider(self, name: str | None) -> Provider:
        """The issuer of this name, made when it is first asked for; itself where there is none."""
        if name is None:
            return self
        with self._lock:
            if name not in self._others:
                self._others[name] = Provider(f"{self.url}/{name}", self._folder / f"issuer-keys-{name}.json")
            return self._others[name]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], issuer: Issuer) -> None:
        self.issuer = issuer
        super().__init__(address, _Page)


class _Page(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        match self._find():
            case provider, ".well-known/openid-configuration":
                self._answer(HTTPStatus.OK, provider.discovery())
            case provider, ".well-known/jwks.json":
                self._answer(HTTPStatus.OK, provider.jwks())
            case provider, "authorize":
                self._in_the_flow(provider, urlsplit(self.path).query, self._ask)
            case provider, "":
                self._ask(provider, {})
            case _:
                self._answer(HTTPStatus.NOT_FOUND, {"error": f"There is no {self.path} here."})

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST)).decode(errors="replace")
        match self._find():
            case provider, "token":
                self._give_token(provider, body)
            case provider, "authorize":
                self._in_the_flow(provider, body, self._send_back)
            case provider, "":
                self._show_token(provider, dict(parse_qsl(body)))
            case _:
                self._answer(HTTPStatus.NOT_FOUND, {"error": f"Nothing is posted to {self.path}."})

    def _find(self) -> tuple[Provider, str] | None:
        found = _PATH.fullmatch(urlsplit(self.path).path)
        return (self.server.issuer.provider(found["name"]), found["page"]) if found else None

    def _in_the_flow(
        self, provider: Provider, text: str, proceed: Callable[[Provider, Mapping[str, str]], None]
    ) -> None:
        """Whoever asks wrongly is told at their redirect_uri, if that can be trusted, and else here."""
        query = dict(parse_qsl(text, keep_blank_values=True))
        try:
            uri = redirect_uri(query)
        except NotLoopback as error:
            self._show(login_page.refusal(str(error)), HTTPStatus.BAD_REQUEST)
            return
        try:
            proceed(provider, query)
        except FlowError as error:
            told = {"error": error.error, "error_description": error.description, "iss": provider.url}
            self._redirect(answer_at(uri, **told, state=query.get("state")))

    def _ask(self, provider: Provider, query: Mapping[str, str]) -> None:
        asked = read_wanted(query).model_dump(exclude_unset=True) if query else {}
        known = [member for member in self.server.issuer.members() if member.issuer == provider.url]
        self._show(login_page.login(provider.url, known, asked))

    def _send_back(self, provider: Provider, form: Mapping[str, str]) -> None:
        wanted, who = read_wanted(form), self._chosen(provider, form)
        if who is None:
            self._ask(provider, form)
            return
        code = self.server.issuer.codes.issue(provider, wanted, who)
        self._redirect(answer_at(wanted.redirect_uri, code=code, state=wanted.state, iss=provider.url))

    def _show_token(self, provider: Provider, form: Mapping[str, str]) -> None:
        who = self._chosen(provider, form)
        if who is None:
            self._ask(provider, {})
            return
        self._show(login_page.token(provider.token_response(who)["access_token"], who.email))

    def _chosen(self, provider: Provider, form: Mapping[str, str]) -> SignIn | None:
        """Whom the page's button or field names; None for nobody."""
        claims = {"email_verified": "email_verified" in form, "mfa": "mfa" in form}
        for member in self.server.issuer.members():
            if (member.issuer, member.subject) == (provider.url, form.get("sub")):
                return SignIn(email=member.email, sub=member.subject, name=member.name, **claims)
        try:
            return SignIn(email=form.get("email", ""), **claims)
        except ValidationError:
            return None

    def _give_token(self, provider: Provider, body: str) -> None:
        form = dict(parse_qsl(body))
        try:
            if "grant_type" in form:
                self._answer(HTTPStatus.OK, self._exchanged(provider, form))
            else:
                self._answer(HTTPStatus.OK, provider.token_response(_parse(body)))
        except FlowError as error:
            self._answer(HTTPStatus.BAD_REQUEST, {"error": error.error, "error_description": error.description})
        except (KeyError, TypeError, ValueError):
            wanted = "Send email=… and, if wanted, sub=…, name=…, email_verified=false and mfa=true, form or JSON."
            self._answer(HTTPStatus.BAD_REQUEST, {"error": wanted})

    def _exchanged(self, provider: Provider, form: Mapping[str, str]) -> Claims:
        if form["grant_type"] != "authorization_code":
            raise FlowError("unsupported_grant_type", "There is grant_type=authorization_code.")
        return self.server.issuer.codes.exchange(provider, form)

    def _answer(self, status: HTTPStatus, page: Claims) -> None:
        """JSON, which pages of this machine may read."""
        origin = self.headers.get("Origin", "")
        allowed = {"Access-Control-Allow-Origin": origin} if LOOPBACK_ADDRESS.fullmatch(origin) else {}
        self._send(status, json.dumps(page).encode(), {"Content-Type": "application/json", **allowed})

    def _show(self, page: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        policy = {"Content-Security-Policy": login_page.POLICY, "Referrer-Policy": "no-referrer"}
        self._send(status, page.encode(), {"Content-Type": "text/html; charset=utf-8", **policy})

    def _redirect(self, where: str) -> None:
        self._send(HTTPStatus.SEE_OTHER, b"", {"Location": where})

    def _send(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "Cache-Control": "no-store"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def _parse(body: str) -> SignIn:
    """Raises ValueError, of which pydantic's error is one."""
    return SignIn.model_validate(json.loads(body) if body.startswith("{") else dict(parse_qsl(body)))


def main() -> None:
    """Serve the issuer alone."""
    parser = argparse.ArgumentParser(prog="python -m local.issuer", description=__doc__)
    parser.add_argument("--port", type=int, default=4567, help="where it listens, on loopback (4567)")
    parser.add_argument("--folder", type=Path, default=DEV, help="where its keys are kept (.freehold/dev)")
    options = parser.parse_args()
    with Issuer(options.folder, port=options.port, choose="--port") as issuer:
        print(f"{issuer.url}/.well-known/openid-configuration", flush=True)
        print(f"curl -s {issuer.url}/token -d email=alice@acme.test", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    errors.run(main)
