"""Two tenants before the door, what each can try there, and what a try is."""

from collections.abc import Iterator
from dataclasses import dataclass

from proof.database.tenants import Tenant

ROLE = "freehold_api"
READ, WRITE = "members:read", "tenant:write"
NEXT = ("commit", "begin")
WORKER = "proof"
_AS_AT_FIRST = "sso_required = false, mfa_required = false, support_access = true"

type Script = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """`rightful` has to succeed, `wrongful` must not; `spoil` makes the difference where the script is the same."""

    name: str
    rightful: Script
    wrongful: Script
    spoil: str = ""
    may_succeed: bool = False
    """Whether it is enough that nothing foreign comes back."""
    role: str = ROLE


@dataclass(frozen=True, slots=True)
class Side:
    """A tenant, and the first of its members, who is its owner."""

    tenant: Tenant
    member: str
    issuer: str
    subject: str

    def enter(self, permission: str = READ, **other: str) -> str:
        """As a person."""
        who = {"tenant": self.tenant.id, "issuer": self.issuer, "subject": self.subject} | other
        return (
            f"select app.enter('{who['tenant']}', 1, '{who['issuer']}', '{who['subject']}', now(), false,"
            f" '{permission}', true, 'request', '192.0.2.1')"
        )

    def enter_key(self, permission: str = READ, tenant: str = "") -> str:
        """As the key that `ready` makes."""
        where = tenant or self.tenant.id
        return f"select app.enter_key('{where}', 1, '{self._hash}', '{permission}', true, 'request', '192.0.2.1')"

    def work(self, worker: str = WORKER, *, behalf: str = "", permission: str = "", tenant: str = "") -> str:
        """As a worker; on somebody's behalf where one is named."""
        return (
            f"select app.enter_worker('{tenant or self.tenant.id}', 1, '{worker}', nullif('{behalf}', ''),"
            f" nullif('{permission}', ''), 'request')"
        )

    def report(self, worker: str = WORKER, tenant: str = "") -> str:
        """As a report."""
        return f"select app.enter_report('{tenant or self.tenant.id}', 1, '{worker}', 'request')"

    def visit(self, permission: str = READ, operator: str = "ada", reason: str = "to try the door") -> str:
        """As an operator."""
        return (
            f"select app.enter_operator('{self.tenant.id}', 1, '{operator}', '{reason}', '{permission}', 'request', '')"
        )

    def act_as(self, member: str, minutes: int = 5) -> str:
        """What an operator does who visits to act."""
        return f"select * from app.act_as('{member}', '\\x00', {minutes})"

    def acting(self, permission: str = READ, tenant: str = "") -> str:
        """As the operator whom `ready` lets act."""
        where = tenant or self.tenant.id
        return f"select app.enter_acting('{where}', 1, '{self._hash}', '{permission}', true, 'request', '192.0.2.1')"

    def tenants_of(self) -> str:
        """Where the person belongs."""
        return f"select * from app.tenants_of('{self.issuer}', '{self.subject}', now())"

    def sign_up(self, key: str) -> str:
        """A new tenant for the person."""
        return (
            f"select * from app.sign_up('{self.issuer}', '{self.subject}', now(), null, null, 'New', 'request',"
            f" '192.0.2.1', '{key}', '\\x00')"
        )

    def claim(self, key: str) -> str:
        """An idempotency key."""
        return f"select app.claim('POST /', '{key}', '\\x00')"

    def set_member(self, change: str) -> str:
        """Something about the person."""
        return f"update app.members set {change} where tenant_id = '{self.tenant.id}' and id = '{self.member}'"

    def set_tenant(self, change: str) -> str:
        """Something about the tenant."""
        return f"update app.tenants set {change} where id = '{self.tenant.id}'"

    def set_key(self, change: str) -> str:
        """Something about the key."""
        return f"update app.api_keys set {change} where tenant_id = '{self.tenant.id}' and secret_hash = '{self._hash}'"

    def set_acting(self, change: str) -> str:
        """Something about the operator who acts."""
        return f"update app.impersonations set {change} where tenant_id = '{self.tenant.id}' and id = '{self.key}'"

    def ready(self) -> Iterator[str]:
        """An active owner in a tenant with full access, with a key of their own, and known to the directory."""
        tenant, member = self.tenant.id, self.member
        yield f"insert into app.workers (name, description) values ('{WORKER}', 'tries') on conflict do nothing"
        yield self.set_tenant(f"access = 'full', epoch = 1, {_AS_AT_FIRST}")
        yield (
            "update app.members set status = 'active', role = 'owner', custom_role = null, sessions_ended_at = null"
            f" where tenant_id = '{tenant}'"
        )
        yield (
            "insert into app.api_keys (tenant_id, id, name, scopes, secret_hash, hint, created_by) values"
            f" ('{tenant}', '{self.key}', 'key', '{{{READ},{WRITE}}}', '{self._hash}', 'hint', '{member}')"
        )
        yield (
            "insert into app.operator_visits (tenant_id, id, operator, reason, permission, request_id) values"
            f" ('{tenant}', '{self.key}', 'ada', 'to try the door', 'operators:act', 'request'),"
            f" ('{tenant}', '{self.past_visit}', 'ada', 'to try the door', '{READ}', 'request')"
        )
        yield (
            "insert into app.impersonations (tenant_id, id, operator, member_id, reason, token_hash) values"
            f" ('{tenant}', '{self.key}', 'ada', '{member}', 'to try the door', '{self._hash}')"
        )
        yield (
            "insert into directory.memberships (issuer, subject, tenant_id) values"
            f" ('{self.issuer}', '{self.subject}', '{tenant}') on conflict do nothing"
        )
        yield (
            "insert into directory.sign_ups (issuer, subject, key, request_hash, tenant_id) values"
            f" ('{self.issuer}', '{self.subject}', 'known', '\\x00', '{tenant}')"
        )

    @property
    def key(self) -> str:
        """The id of the key that `ready` makes."""
        return f"01900000-0000-7000-9000-{self.tenant.mark}"

    @property
    def past_visit(self) -> str:
        """The id of an operator's visit that `ready` makes; it is over."""
        return f"01900000-0000-7000-b000-{self.tenant.mark}"

    @property
    def _hash(self) -> str:
        return "\\x" + f"key of {self.tenant.mark}".encode().hex()
