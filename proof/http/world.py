"""The tenants of the attack, and how it looks at what became of them."""

import itertools
import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from freehold.ids import TenantId, tenant_ref
from freehold.permissions import Access, Role
from local.errors import LocalError
from proof.http.operations import DIRECTORIES, interface
from proof.http.principals import Tenant
from proof.http.readings import ids, readings
from proof.http.rows import Fingerprints, Rows
from proof.http.stage import Heard, Stage

BEGINNING = "canary"
"""Every mark begins so: who searches for it finds something of everybody, if anything of everybody can be found."""
A_MEMBER = (
    "insert into app.members (issuer, subject, email, name, role)"
    " values (%(issuer)s, %(subject)s, %(email)s, %(name)s, %(role)s)"
)
A_MEMBERSHIP = (
    "insert into directory.memberships (issuer, subject, tenant_id) values (%(issuer)s, %(subject)s, %(tenant_id)s)"
)
A_VISIT = """
    with visit as (insert into app.operator_visits (operator, reason, permission)
        values ('ada', %(reason)s, 'operators:act') returning *)
    insert into app.impersonations (id, operator, member_id, reason, token_hash, ended_at)
    select v.id, v.operator, m.id, v.reason, %(token_hash)s, case when %(ended)s then now() end
      from visit v join app.members m on m.tenant_id = v.tenant_id and m.role = 'owner' order by m.id limit 1
"""

AN_ACCOUNT = """
    insert into app.billing_accounts (plan, status, access, payment_method)
    values ('pro', 'active', 'full', jsonb_build_object('brand', %(mark)s::text)) on conflict do nothing
"""
AN_INVOICE = """
    insert into app.invoices (id, stripe_id, number, status, currency, subtotal, total, amount_due, amount_paid,
                              amount_remaining, issued_at)
    values (%(id)s::uuid, %(id)s::text, %(mark)s, 'paid', 'usd', 1, 1, 1, 1, 0, now())
"""
PORTAL = "/v1/billing/portal"
PROMISED = "promised"
"""A flag that says to each tenant its own reference, so that an answer of anybody else's is told from one's own."""
A_FLAG = """
    with flag as (
        insert into app.flags (key, definition) values (%(key)s, %(definition)s::jsonb)
            on conflict (key) do update set definition = excluded.definition)
    update app.snapshot set version = version + 1
"""
A_TARGET = """
    insert into app.flag_targets (flag, variant, reason, targeted_by)
    values (%(key)s, %(variant)s, 'as it was agreed', 'ada')
"""


class World:
    """Tenant A is the victim, B the attacker's; C is suspended and D restricted."""

    def __init__(self, stage: Stage, rows: Rows) -> None:
        self.stage, self.rows = stage, rows
        self.interface = interface()
        self._numbers = itertools.count(1)
        self._directories: dict[str, str] = {}
        self._owned: defaultdict[str, set[str]] = defaultdict(set)
        self.a, self.b, c, d = (self._sign_up(letter) for letter in "abcd")
        self.c, self.d = self._limited(c, Access.SUSPENDED), self._limited(d, Access.RESTRICTED)
        self.tenants = (self.a, self.b, self.c, self.d)
        for tenant in self.tenants:
            self.join(tenant, str(uuid.uuid4()), Role.OWNER)  # a last owner cannot leave
        self._promise()

    @property
    def ids(self) -> list[str]:
        """Of the tenants that are watched."""
        return [tenant.id for tenant in self.tenants]

    def call(self, method: str, path: str, **request: Any) -> Heard:  # noqa: ANN401 (what `gateway.call` takes)
        """Send a request."""
        if not path.endswith(ENDING_ONESELF):
            return self.stage.call(method, path, **request)
        with self._lasting():
            return self.stage.call(method, path, **request)

    def fingerprints(self) -> Fingerprints:
        """Of the tenants that are watched."""
        return self.rows.fingerprints(self.ids)

    def other(self, tenant: Tenant) -> Tenant:
        """Whose things are foreign there."""
        return self.b if tenant.id == self.a.id else self.a

    def text(self, tenant: Tenant) -> str:
        """A text that nobody has written yet."""
        return f"{tenant.mark}n{next(self._numbers)}"

    def visitors_text(self) -> str:
        """A text of somebody who acts in no tenant, where nobody may be told from it who they are elsewhere."""
        return f"visitor{next(self._numbers)}"

    def token(self, mark: str, subject: str, **claims: object) -> str:
        """An access token whose person carries a mark in name and address."""
        return self.stage.issuer.mint(subject, f"{mark}@example.test", f"{mark} Person", **claims)

    def join(self, tenant: Tenant, subject: str, role: str) -> str:
        """Another member, whom the database is told of; their id."""
        who = {"issuer": self.stage.issuer.url, "subject": subject}
        email = f"{tenant.mark}-{role}@example.test"
        self.rows.execute(tenant.id, A_MEMBER, **who, email=email, name=f"{tenant.mark} {role}", role=role)
        self.rows.execute(tenant.id, A_MEMBERSHIP, **who)
        [(found,)] = self.rows.ask(ID_OF_MEMBER, tenant=tenant.id, **who)
        return str(found)

    def bill(self, tenant: Tenant) -> str:
        """An invoice of a tenant that is a customer at Stripe, whom no request makes one; its id."""
        self.as_owner(tenant, "POST", PORTAL, body={})
        self.rows.execute(tenant.id, AN_ACCOUNT, mark=f"{tenant.mark} card")
        made = str(uuid.uuid4())
        self.rows.execute(tenant.id, AN_INVOICE, id=made, mark=f"{tenant.mark} invoice")
        return made

    def let_ask(self, tenant: Tenant) -> None:
        """As if the tenant had asked nothing of Stripe of late: whoever asks too often is refused before all else."""
        self.rows.execute(tenant.id, LONG_AGO)

    def have_asked(self, tenant: Tenant) -> None:
        """As if the tenant had asked as much of Stripe as it may, and more."""
        self.rows.execute(tenant.id, JUST_NOW)

    def let_act(self, tenant: Tenant, token_hash: bytes, *, ended: bool = False) -> None:
        """An operator who acts as the tenant's owner. No route leads operators in, so the database is told."""
        reason = f"{tenant.mark} ticket"
        self.rows.execute(tenant.id, A_VISIT, reason=reason, token_hash=token_hash, ended=ended)

    def as_owner(self, tenant: Tenant, method: str, path: str, **request: Any) -> Heard:  # noqa: ANN401 (what `gateway.call` takes)
        """Ask as the tenant's owner, or as its directory what only that may, with full access meanwhile."""
        headers = tenant.headers | request.pop("headers", {})
        token = self.directory(tenant) if path.startswith(DIRECTORIES) else tenant.owner
        with self._unlimited(tenant):
            return self.call(method, path, token=token, headers=headers, **request)

    def directory(self, tenant: Tenant) -> str:
        """The token of the directory that keeps the tenant's people."""
        if tenant.id not in self._directories:
            _, self._directories[tenant.id] = self.connect(tenant)
        return self._directories[tenant.id]

    def vouch(self, tenant: Tenant, subject: str) -> str:
        """A token of the tenant's own provider, connected and with a domain, for somebody who is a member by that."""
        name = f"provider{uuid.uuid4().hex[:8]}"  # known to every process that verifies its tokens, so it bears no mark
        provider = self.stage.issuer.provider(name)
        wanted = {"issuer": provider.url, "audience": name, "default_role": Role.VIEWER}
        for path, body in (("/v1/sso-connections", wanted), ("/v1/domains", {"name": f"{tenant.mark}.example.test"})):
            self._make(tenant, path, body)
        self.rows.execute(tenant.id, VERIFY_DOMAINS)
        email = f"{tenant.mark}@{tenant.mark}.example.test"
        token = provider.mint(subject, email, f"{tenant.mark} Vouched", aud=name)
        answer = self.call("POST", "/v1/sign-ins", token=token).answer
        if answer.status != HTTPStatus.OK:
            raise LocalError(f"Nobody can sign in by a provider of their own: {answer.body}")
        return token

    def connect(self, tenant: Tenant) -> tuple[str, str]:
        """Another directory: the id and the text of its token."""
        body = {"name": self.text(tenant), "default_role": Role.VIEWER}
        made = self._make(tenant, "/v1/scim-tokens", body)
        return made["id"], made["secret"]

    def _make(self, tenant: Tenant, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.as_owner(tenant, "POST", path, body=body).answer
        if answer.status != HTTPStatus.CREATED:
            raise LocalError(f"Nobody can make anything at {path}, so nobody can attack with it: {answer.body}")
        return dict(answer.json)

    def strangers(self, text: str, sees: Collection[str], asked: Collection[str] = ()) -> list[str]:
        """What of a tenant that the asker may not see stands in a text, apart from what they sent themselves.

        However it is written there: in capitals, in base64, with hyphens or without.
        """
        hidden = [tenant for tenant in self.tenants if tenant.id not in sees]
        read = list(readings(text))
        marks = [tenant.mark for tenant in hidden if any(tenant.mark in part.lower() for part in read)]
        marks += [tenant.ref for tenant in hidden if any(tenant.ref in part for part in read)]
        found = set[str]().union(*map(ids, read)).difference(*map(ids, asked))
        owners, unseen = self._owners(found), {tenant.id for tenant in hidden}
        return marks + sorted(one for one in found if not unseen.isdisjoint(owners.get(one, ())))

    def _owners(self, ids: Collection[str]) -> Mapping[str, AbstractSet[str]]:
        """Whose each id is or was. The database is asked where one of them is new, which takes time."""
        if any(one not in self._owned for one in ids):
            for tenant, known in self.rows.ids(self.ids).items():
                for one in known:
                    self._owned[one].add(tenant)
        return self._owned

    def _sign_up(self, letter: str) -> Tenant:
        mark = f"{BEGINNING}{letter}{uuid.uuid4().hex[:8]}"
        token = self.token(f"{mark}-owner", str(uuid.uuid4()))
        answer = self.call("POST", "/v1/tenants", token=token, body={"name": f"{mark} Company"}).answer
        if answer.status != HTTPStatus.CREATED:
            raise LocalError(f"Nobody can sign up, so nothing can be attacked: {answer.body}")
        found = answer.json["id"]
        self.rows.execute(found, ROOM_FOR_ALL)
        tenant = Tenant(id=found, ref=tenant_ref(TenantId(UUID(found))), mark=mark, owner=token)
        self.let_act(tenant, mark.encode())
        return tenant

    def _promise(self) -> None:
        """To each tenant its own reference, and no mark: a process may remember what was agreed with a tenant."""
        variants = {"none": ""} | {tenant.ref: tenant.ref for tenant in self.tenants}
        served = {"key": PROMISED, "variants": variants, "state": "on", "off": "none", "otherwise": "none", "rules": []}
        self.rows.execute(self.a.id, A_FLAG, key=PROMISED, definition=json.dumps(served))
        for tenant in self.tenants:
            self.rows.execute(tenant.id, A_TARGET, key=PROMISED, variant=tenant.ref)

    def _limited(self, tenant: Tenant, access: Access) -> Tenant:
        self.rows.execute(tenant.id, SET_ACCESS, access=access)
        return replace(tenant, access=access)

    @contextmanager
    def _lasting(self) -> Iterator[None]:
        """Whoever asks would be none of those who ask from then on: they are put back as they were."""
        kept = [(tenant.id, *self.rows.ask(MEMBERS_AND_KEYS, tenant=tenant.id)[0]) for tenant in self.tenants]
        yield
        for tenant_id, members, keys in kept:
            self.rows.execute(tenant_id, PUT_MEMBERS_BACK, members=members)
            self.rows.execute(tenant_id, PUT_KEYS_BACK, keys=keys)

    @contextmanager
    def _unlimited(self, tenant: Tenant) -> Iterator[None]:
        if tenant.access is Access.FULL:
            yield
            return
        self.rows.execute(tenant.id, SET_ACCESS, access=Access.FULL)
        try:
            yield
        finally:
            self.rows.execute(tenant.id, SET_ACCESS, access=tenant.access)


ROOM_FOR_ALL = """
    with endpoints as (insert into app.webhook_quotas (endpoints) values (10000))
    insert into app.job_quotas (job_class, backlog) select name, 1000000 from app.job_classes where public
"""
LONG_AGO = """
    update app.billing_operations set asked_at = now() - interval '1 hour'
     where tenant_id = %(tenant_id)s and asked_at > now() - interval '10 minutes'
"""
JUST_NOW = "insert into app.billing_operations (kind, key, asked) values ('portal', uuidv7(), 1000)"
VERIFY_DOMAINS = "update app.domains set verified_at = now() where tenant_id = %(tenant_id)s"
SET_ACCESS = "update app.tenants set access = %(access)s::app.access where id = %(tenant_id)s"
ENDING_ONESELF = ("/me/leave", "/make-owner")
"""How the paths end of routes after which whoever asked is no member any more, or none of the owners."""
ID_OF_MEMBER = """
    select id from app.members where tenant_id = %(tenant)s and issuer = %(issuer)s and subject = %(subject)s
"""
MEMBERS_AND_KEYS = """
    select (select jsonb_agg(to_jsonb(m))::text from app.members m where m.tenant_id = %(tenant)s),
           (select coalesce(jsonb_agg(to_jsonb(k)), '[]')::text from app.api_keys k where k.tenant_id = %(tenant)s)
"""
PUT_MEMBERS_BACK = """
    update app.members m set role = kept.role, custom_role = kept.custom_role, status = kept.status,
           sessions_ended_at = kept.sessions_ended_at
      from jsonb_populate_recordset(null::app.members, %(members)s::jsonb) kept
     where m.tenant_id = %(tenant_id)s and m.id = kept.id
       and (m.role, m.custom_role, m.status, m.sessions_ended_at)
           is distinct from (kept.role, kept.custom_role, kept.status, kept.sessions_ended_at)
"""
PUT_KEYS_BACK = """
    update app.api_keys k set revoked_at = kept.revoked_at
      from jsonb_populate_recordset(null::app.api_keys, %(keys)s::jsonb) kept
     where k.tenant_id = %(tenant_id)s and k.id = kept.id and k.revoked_at is distinct from kept.revoked_at
"""
