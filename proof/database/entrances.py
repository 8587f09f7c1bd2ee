"""The attack on the entrances of those who are not members yet, or never will be.

They are invited, or vouched for by a tenant's own identity provider, or they are a directory. Besides, what a tenant
asks of everybody: to come by its provider, or with a second factor.
"""

from collections.abc import Iterator

from proof.database.sides import NEXT, OURS, WRITE, Probe, Script, Side

LOOK = "select * from app.members"
LONG_AGO = "now() - interval '1 hour'"


def probes(us: Side, them: Side) -> Iterator[Probe]:
    """`us` attacks `them`."""
    yield from _of_what_is_required(us)
    yield from _of_directories(us, them)
    yield from _of_invitations(us, them)
    yield from _of_providers(us, them)


def _of_what_is_required(us: Side) -> Iterator[Probe]:
    come_in, with_both = (us.enter(), LOOK), (us.enter(mfa="true"), LOOK)
    mine, another = us.require_sso(f"m.id = '{us.member}'"), us.require_sso(f"m.id <> '{us.member}'")
    yield Probe("by another provider than the tenant's", come_in, come_in, another)
    yield Probe("by another provider, as an owner who may break the glass", come_in, come_in, mine, may_succeed=True)
    yield Probe("without a second factor", come_in, come_in, us.set_tenant("mfa_required = true"))
    yield Probe("with a second factor", with_both, with_both, us.set_tenant("mfa_required = true"), may_succeed=True)


def _of_directories(us: Side, them: Side) -> Iterator[Probe]:
    come_in = (us.provision(), LOOK)

    def probe(name: str, wrongful: Script, spoil: str = "") -> Probe:
        return Probe(f"as a directory, {name}", come_in, wrongful, spoil)

    yield probe("into another tenant", (us.provision(tenant=them.tenant.id), LOOK))
    yield probe("from one tenant into the next", (us.provision(), them.provision()))
    yield probe("after the unit of work", (us.provision(), *NEXT, LOOK))
    yield probe("to write the tenant's settings", (us.provision(WRITE), LOOK))
    yield probe("to read as a member does", (us.provision("api_keys:read"), LOOK))
    for change in ("revoked_at = now()", f"expires_at = {LONG_AGO}"):
        yield probe(f"whose token's {change}", come_in, us.set_directory(change))
    for change in ("access = 'suspended'", "epoch = 2"):
        yield probe(f"of a tenant whose {change}", come_in, us.set_tenant(change))


def _of_invitations(us: Side, them: Side) -> Iterator[Probe]:
    accepting = (us.accept(),)

    def probe(name: str, wrongful: Script, spoil: str = "") -> Probe:
        return Probe(f"by an invitation, {name}", accepting, wrongful, spoil)

    yield probe("that is another tenant's", (us.accept(tenant=them.tenant.id),))
    yield probe("for another address", (us.accept(email="other@example.test"),))
    yield probe(
        "that somebody else has accepted",
        accepting,
        us.set_invitation(f"status = 'accepted', accepted_by = '{us.member}'"),
    )
    yield probe("from one tenant into the next", (us.accept(), them.accept()))
    yield probe("by another tenant's own provider", (us.accept(issuer=f"sso:{them.tenant.id}:{OURS}"),))
    for change in ("status = 'revoked'", f"expires_at = {LONG_AGO}"):
        yield probe(f"whose {change}", accepting, us.set_invitation(change))
    yield probe("of somebody who was suspended", accepting, us.set_member("status = 'suspended'"))
    yield probe("of somebody who may invite nobody now", accepting, us.set_member("role = 'viewer'"))
    yield probe("to more than who invited holds now", accepting, us.invite_above())


def _of_providers(us: Side, them: Side) -> Iterator[Probe]:
    signing_in = (us.sign_in(),)

    def probe(name: str, wrongful: Script, spoil: str = "") -> Probe:
        return Probe(f"by the tenant's own provider, {name}", signing_in, wrongful, spoil)

    yield probe("into another tenant", (us.sign_in(tenant=them.tenant.id),))
    yield probe("by another tenant's connection", (us.sign_in(connection=them.key),))
    yield probe("whose name is another's", (us.sign_in(issuer=f"sso:{them.tenant.id}:{OURS}"),))
    yield probe("whose name is a common issuer's", (us.sign_in(issuer=us.issuer, subject=us.subject),))
    yield probe("from one tenant into the next", (us.sign_in(), them.sign_in()))
    yield probe("for an address of a domain that is not its own", (us.sign_in(email="eve@elsewhere.test"),))
    yield probe("without an address", (us.sign_in(email=""),))
    for change in ("status = 'disabled'", "jit = false"):
        yield probe(f"whose {change}", signing_in, us.set_connection(change))
    yield probe("whose domain was never verified", signing_in, us.set_domain("verified_at = null"))
    yield probe("without a second factor that is asked for", signing_in, us.set_tenant("mfa_required = true"))
    for status in ("removed", "suspended", "deprovisioned"):
        yield probe(f"as somebody who is {status}", signing_in, us.someone(status))
    yield probe("in the place of an owner", signing_in, us.someone_above())
