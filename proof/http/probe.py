"""One request of the attack, and what must hold after every one of them, whoever asked for whatever."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from freehold.api_keys.secrets import SHAPE as API_KEY
from proof.http.answers import REQUEST_ID
from proof.http.expected import GOOD
from proof.http.operations import Operation
from proof.http.principals import Principal, Tenant
from proof.http.readings import AN_ID, readings
from proof.http.resources import Resources
from proof.http.rows import Fingerprints, changed
from proof.http.stage import Heard
from proof.http.world import World
from proof.tally import Tally

ANY_VERSION = "*"
ACCESS_TOKEN = re.compile(r"eyJ[\w-]{10,}\.[\w-]+\.[\w-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent: `ids` fill the path, `asked` are the ids that an answer may repeat."""

    operation: Operation
    ids: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """With its ids."""
        return self.operation.path.format(**self.ids)

    @property
    def asked_ids(self) -> list[str]:
        """Every id that came from the asker, which an answer may repeat."""
        many = [value if isinstance(value, list) else [value] for value in self.query.values()]
        named = [str(value) for value in (*self.headers.values(), *chain.from_iterable(many))]
        return [*self.ids.values(), *(value for value in named if AN_ID.fullmatch(value.lower()))]

    @property
    def asked(self) -> list[str]:
        """Every text that came from the asker."""
        return [*self.ids.values(), *self.headers.values(), *map(str, self.query.values()), str(self.body)]


class Prober:
    """Sends requests and tells the tally of everything that no answer may be."""

    def __init__(self, world: World, resources: Resources, tally: Tally, family: str) -> None:
        self.world, self.resources, self.tally, self.family = world, resources, tally, family
        self.before: Fingerprints = {}

    def headers(self, operation: Operation, target: Tenant, ids: Mapping[str, str]) -> dict[str, str]:
        """What the operation asks for besides: the version of what it changes, a key that makes it safe to repeat."""
        found = {}
        if operation.takes("if-match"):
            found["If-Match"] = self._version(operation, target, ids)
        if operation.takes("idempotency-key"):
            found["Idempotency-Key"] = str(uuid.uuid4())
        return found

    def send(self, principal: Principal, request: Request) -> Heard:
        """As this principal."""
        return self.world.call(
            request.operation.method,
            request.path,
            token=principal.token,
            body=request.body,
            headers={**principal.headers, **request.headers},
            query=dict(request.query),
        )

    def try_it(self, principal: Principal, request: Request, what: str) -> Heard:
        """Send it as an attack: nothing of a stranger comes back, and nothing of one changes."""
        self.before = self.world.fingerprints()
        heard = self.send(principal, request)
        self.tally.probed(self.family)
        where = f"{principal.name}, {what}"
        self._judge_content(principal, request, heard, where)
        self._judge_effect(principal, request, heard, where)
        return heard

    def leaked(self, operation: Operation, where: str, says: str) -> None:
        """Tell of it."""
        self.tally.leaked(operation.route, where, says)

    def _judge_content(self, principal: Principal, request: Request, heard: Heard, where: str) -> None:
        answer = heard.answer
        text = " ".join((*answer.headers.values(), answer.body))
        asked = [*request.asked, answer.headers.get(REQUEST_ID, "")]
        if strange := self.world.strangers(text, sees(principal, request.operation), asked):
            self.leaked(request.operation, where, f"the answer shows {strange} of another tenant")
        for said in judge_output(heard, (tenant.mark for tenant in self.world.tenants)):
            self.leaked(request.operation, where, said)

    def _judge_effect(self, principal: Principal, request: Request, heard: Heard, where: str) -> None:
        noting = principal.home.id if principal.is_key else ""
        touched = changed(self.before, self.world.fingerprints(), noting=noting)
        good = heard.answer.status in GOOD
        may = {principal.home.id} if good and principal.refused is None and not request.operation.reads else set()
        for tenant in touched - may:
            name = next((t.mark for t in self.world.tenants if t.id == tenant), "nobody")
            self.leaked(request.operation, where, f"it changed rows of {name}, and answered {heard.answer.status}")

    def _version(self, operation: Operation, target: Tenant, ids: Mapping[str, str]) -> str:
        if self.world.interface.operation("GET", operation.path) is None:
            return ANY_VERSION
        answer = self.world.as_owner(target, "GET", operation.path.format(**ids)).answer
        return answer.headers.get("etag", ANY_VERSION)


def sees(principal: Principal, operation: Operation) -> frozenset[str]:
    """The tenants that may show in an answer."""
    if operation.kind == "directory" and not principal.is_directory:
        return frozenset()
    if operation.kind in {"tenant", "directory"}:
        return frozenset() if principal.refused else frozenset({principal.home.id})
    return principal.visits if operation.kind == "visitor" else frozenset()


def judge_output(heard: Heard, marks: Iterable[str]) -> list[str]:
    """A log holds neither what a customer wrote nor what opens a door. A sentence for each that it does."""
    read = [text.lower() for text in readings(heard.output)]
    found = [f"a log line holds {mark}, which a customer wrote" for mark in marks if any(mark in text for text in read)]
    if ACCESS_TOKEN.search(heard.output) or API_KEY.search(heard.output):
        found.append("a log line holds an access token or an API key")
    return found
