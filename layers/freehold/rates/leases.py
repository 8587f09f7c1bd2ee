"""What this process may admit by itself, of each tenant and of each caller of it."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from freehold.callers import Caller, KeyCaller, PersonCaller, ScimCaller
from freehold.ids import TenantId
from freehold.rates.held import HOLDS_FOR, Held
from freehold.rates.models import Rate

LEASE = (
    "select app.lease(%(tenant_id)s, %(rate_class)s, %(kind)s, %(issuer)s, %(subject)s, %(issued_at)s,"
    " %(secret_hash)s, %(of_tenant)s, %(of_caller)s)"
)
ASK_AGAIN = 10.0  # seconds after which a tenant without a limit is looked at again
AT_LEAST, AT_MOST = 0.02, 1.0  # seconds for which a process refuses by itself, once it was told to
MOST = 10_000
"""Of tenants, and of callers; what is forgotten is void, and so never spent twice."""
NOBODY: Mapping[str, Any] = {"issuer": None, "subject": None, "issued_at": None, "secret_hash": None}

type Who = tuple[str, str | bytes]


@dataclass(slots=True)
class Paying:
    """One request: what it has taken without asking, and from whom."""

    tenant: Held
    caller: Held
    who: tuple[TenantId, str, Who]
    began: float
    of_tenant: bool = False
    of_caller: bool = False
    refused_by: Held | None = None

    @property
    def paid(self) -> bool:
        """Whether it has taken one of each."""
        return self.of_tenant and self.of_caller

    def empty(self) -> Held | None:
        """What has refused, where something has, and still does."""
        longest = max(self.tenant, self.caller, key=lambda held: held.refused_until)
        return longest if longest.refused_until > self.began else None

    def take_back(self) -> None:
        """What was taken is there for others again."""
        for held, taken in ((self.tenant, self.of_tenant), (self.caller, self.of_caller)):
            if taken:
                held.give_back()
        self.of_tenant = self.of_caller = False


class Leases:
    """For all threads of the process together."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._tenants: dict[tuple[TenantId, str], Held] = {}
        self._callers: dict[tuple[TenantId, str, Who], Held] = {}

    def pay(self, caller: Caller, rate_class: str) -> Paying:
        """Take what there is. Whoever was let in before is refused without asking, while nothing is left for them."""
        who = (caller.tenant_id, rate_class, _who(caller))
        with self._lock:
            now = self.clock()
            tenant, own = self._tenants.get(who[:2]) or Held(), self._callers.get(who)
            paying = Paying(tenant, own or Held(), who, now)
            paying.refused_by = paying.empty() if own else None
            if paying.refused_by:
                return paying
            paying.of_tenant = tenant.take(now)
            paying.of_caller = tenant.unlimited_until > now or paying.caller.take(now)
            return paying

    def asks(self, paying: Paying, caller: Caller) -> tuple[str, dict[str, Any]]:
        """The statement that leases what is missing."""
        tenant_id, rate_class, _ = paying.who
        return LEASE, {
            "tenant_id": tenant_id,
            "rate_class": rate_class,
            **_credentials(caller),
            "of_tenant": 0 if paying.of_tenant else paying.tenant.wants(paying.began),
            "of_caller": 0 if paying.of_caller else paying.caller.wants(paying.began),
        }

    def answered(self, paying: Paying, answer: Mapping[str, Any] | None) -> None:
        """What was missing is leased, and one of each is taken. Strangers are given nothing, and leave nothing here."""
        with self._lock:
            if answer is None:
                paying.take_back()
                return
            self._keep(paying)
            now = paying.began
            if "unlimited" in answer:
                paying.tenant.opened(now + ASK_AGAIN)
            if tenant := answer.get("tenant"):
                paying.tenant.leased(tenant["granted"], Rate.read(tenant, now), now)
            if "caller" in answer:
                _leased(paying.caller, answer["caller"], now)
            paying.of_tenant = paying.of_caller = True

    def refused(self, paying: Paying, limit: Mapping[str, Any]) -> None:
        """Nothing was leased, and for some time nothing will be."""
        with self._lock:
            self._keep(paying)
            paying.take_back()
            now, wait = self.clock(), float(limit["wait"])
            paying.refused_by = paying.tenant if limit["of"] == "tenant" else paying.caller
            paying.refused_by.refused(
                Rate.read(limit, now),
                limit["rule"],
                refilled_at=now + wait,
                until=now + min(AT_MOST, max(AT_LEAST, wait)),
            )

    def turned_away(self, paying: Paying) -> None:
        """The door does not know them: what they have taken is the tenant's again."""
        with self._lock:
            paying.take_back()

    def _keep(self, paying: Paying) -> None:
        """What another thread has kept meanwhile is what counts."""
        paying.tenant = _kept(self._tenants, paying.who[:2], paying.tenant)
        paying.caller = _kept(self._callers, paying.who, paying.caller)


def _kept[K](held: dict[K, Held], key: K, new: Held) -> Held:
    if key not in held and len(held) >= MOST:
        held.clear()
    return held.setdefault(key, new)


def _leased(own: Held, said: Mapping[str, Any] | str, now: float) -> None:
    if isinstance(said, str):  # they have no share of their own: the tenant's bucket is all that limits them
        own.opened(now + HOLDS_FOR)
    else:
        own.leased(said["granted"], Rate.read(said, now), now)


def _who(caller: Caller) -> Who:
    if isinstance(caller, PersonCaller):
        return caller.identity.issuer, caller.identity.subject
    return "", caller.secret_hash if isinstance(caller, KeyCaller) else caller.token_hash


def _credentials(caller: Caller) -> dict[str, Any]:
    if isinstance(caller, PersonCaller):
        who = caller.identity
        known = {"kind": "person", "issuer": who.issuer, "subject": who.subject, "issued_at": who.issued_at}
    elif isinstance(caller, KeyCaller):
        known = {"kind": "api_key", "secret_hash": caller.secret_hash}
    else:
        known = {"kind": "scim" if isinstance(caller, ScimCaller) else "acting", "secret_hash": caller.token_hash}
    return {**NOBODY, **known}
