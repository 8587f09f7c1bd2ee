"""Two tenants before the door, what each can try there, and what a try is."""

from collections.abc import Iterator
from dataclasses import dataclass

from proof.database.tenants import Tenant

ROLE = "freehold_api"
OURS = "https://people.example.test"
"""The provider of both tenants; its tokens for each have another audience."""
PROVISION = "scim:provision"
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
        who = {"tenant": self.tenant.id, "issuer": self.issuer, "subject": self.subject, "mfa": "false"} | other
        return (
            f"select app.enter('{who['tenant']}', 1, '{who['issuer']}', '{who['subject']}', now(), {who['mfa']},"
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

    def provision(self, permission: str = PROVISION, tenant: str = "") -> str:
        """As the directory that `ready` connects."""
        where = tenant or self.tenant.id
        return f"select app.enter_scim('{where}', 1, '{self._hash}', '{permission}', 'request', '192.0.2.1')"

    def accept(self, **other: str) -> str:
        """As somebody who holds what was mailed for the invitation that `ready` makes."""
        who = {"tenant": self.tenant.id, "issuer": self.issuer, "subject": "invited", "email": self._invited} | other
        return (
            f"select * from app.accept_invitation('{who['tenant']}', '{self._hash}', '{who['issuer']}',"
            f" '{who['subject']}', now(), '{who['email']}', 'Somebody', 'request', '192.0.2.1')"
        )

    def sign_in(self, **other: str) -> str:
        """As somebody for whom the connection vouches that `ready` makes."""
        who = {"tenant": self.tenant.id, "connection": self.key, "issuer": self._own, "email": self._vouched} | other
        return (
            f"select * from app.sign_in('{who['tenant']}', '{who['connection']}', '{who['issuer']}',"
            f" '{other.get('subject', 'vouched')}', now(), false, nullif('{who['email']}', ''), 'Somebody', 'request',"
            " '192.0.2.1')"
        )

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

    def set_directory(self, change: str) -> str:
        """Something about the token of the directory."""
        return f"update app.scim_tokens set {change} where {self._made}"

    def set_invitation(self, change: str) -> str:
        """Something about the invitation."""
        return f"update app.invitations set {change} where {self._made}"

    def invite_above(self) -> str:
        """The invitation makes an owner, and whoever invited is an admin now."""
        return f"with a as ({self.set_member("role = 'admin'")}) {self.set_invitation("role = 'owner'")}"

    def set_connection(self, change: str) -> str:
        """Something about the connection to the tenant's provider."""
        return f"update app.sso_connections set {change} where {self._made}"

    def set_domain(self, change: str) -> str:
        """Something about the tenant's domain."""
        return f"update app.domains set {change} where {self._made}"

    def require_sso(self, who: str) -> str:
        """Those who sign in elsewhere are out, but for these, who may break the glass."""
        broken = f"update app.members m set break_glass = true where m.tenant_id = '{self.tenant.id}' and {who}"
        return f"with b as ({broken}) {self.set_tenant('sso_required = true')}"

    def someone(self, status: str) -> str:
        """The one for whom the provider vouches is a member already."""
        return self._member(self._own, "viewer", status)

    def someone_above(self) -> str:
        """Their address is that of an owner, and whoever set the connection up is an admin now."""
        return f"with a as ({self.set_member("role = 'admin'")}) {self._member(self.issuer, 'owner', 'active')}"

    def _member(self, issuer: str, role: str, status: str) -> str:
        return (
            "insert into app.members (tenant_id, issuer, subject, email, role, status) values"
            f" ('{self.tenant.id}', '{issuer}', 'vouched', '{self._vouched}', '{role}', '{status}')"
        )

    def ready(self) -> Iterator[str]:
        """An active owner in a tenant with full access, with a key of their own, and known to the directory."""
        tenant, member = self.tenant.id, self.member
        yield f"insert into app.workers (name, description) values ('{WORKER}', 'tries') on conflict do nothing"
        yield self.set_tenant(f"access = 'full', epoch = 1, {_AS_AT_FIRST}")
        yield (
            "update app.members set status = 'active', role = 'owner', custom_role = null, break_glass = false,"
            " sessions_ended_at = null"
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
        yield from self._entrances()
        yield (
            "insert into directory.memberships (issuer, subject, tenant_id) values"
            f" ('{self.issuer}', '{self.subject}', '{tenant}') on conflict do nothing"
        )
        yield (
            "insert into directory.sign_ups (issuer, subject, key, request_hash, tenant_id) values"
            f" ('{self.issuer}', '{self.subject}', 'known', '\\x00', '{tenant}')"
        )

    def _entrances(self) -> Iterator[str]:
        """A directory, an invitation, and a provider whose domain was verified."""
        tenant, member, key, by_hash = self.tenant.id, self.member, self.key, self._hash
        yield (
            "insert into app.scim_tokens (tenant_id, id, name, role, token_hash, hint, created_by) values"
            f" ('{tenant}', '{key}', 'directory', 'admin', '{by_hash}', 'hint', '{member}')"
        )
        yield (
            "insert into app.invitations (tenant_id, id, email, role, invited_by) values"
            f" ('{tenant}', '{key}', '{self._invited}', 'viewer', '{member}')"
        )
        yield (
            "insert into app.invitation_tokens (tenant_id, token_hash, invitation_id) values"
            f" ('{tenant}', '{by_hash}', '{key}')"
        )
        yield (
            "insert into app.sso_connections (tenant_id, id, issuer, audience, role, jit, status, answered_by) values"
            f" ('{tenant}', '{key}', '{OURS}', '{self.tenant.mark}', 'viewer', true, 'enabled', '{member}')"
        )
        yield (
            "insert into app.domains (tenant_id, id, name, challenge, verified_at) values"
            f" ('{tenant}', '{key}', '{self.tenant.mark}.example.test', 'challenge', now())"
        )

    @property
    def key(self) -> str:
        """The id of the key that `ready` makes, and of one of each of the rest."""
        return f"01900000-0000-7000-9000-{self.tenant.mark}"

    @property
    def past_visit(self) -> str:
        """The id of an operator's visit that `ready` makes; it is over."""
        return f"01900000-0000-7000-b000-{self.tenant.mark}"

    @property
    def _made(self) -> str:
        return f"tenant_id = '{self.tenant.id}' and id = '{self.key}'"

    @property
    def _own(self) -> str:
        return f"sso:{self.tenant.id}:{OURS}"

    @property
    def _invited(self) -> str:
        return f"invited@{self.tenant.mark}.example.test"

    @property
    def _vouched(self) -> str:
        return f"vouched@{self.tenant.mark}.example.test"

    @property
    def _hash(self) -> str:
        return "\\x" + f"key of {self.tenant.mark}".encode().hex()
