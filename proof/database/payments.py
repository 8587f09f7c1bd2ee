"""The attack on what Stripe hands in, on what one tenant alone may have of it, and on what operators give away."""

from collections.abc import Iterator
from uuid import uuid4

from proof.database.operators import OPERATORS
from proof.database.sides import READ, WRITE, Probe, Script, Side
from proof.database.works import WORKS

CLOCK = "freehold_system"
LOOK = "select * from app.billing_syncs"
AWAKE = "select 1 / wanted from app.billing_syncs"
"""An error where nobody has asked for a look at Stripe."""
GRANT = "select app.grant_access('full', null, now() + interval '1 day')"
FORGET = "select 1 / app.forget_usage_keys()"
"""An error where nothing is old enough to be forgotten."""
IN_TIME = "update app.usage_keys set created_at = now() - interval '35 days'"
"""An event of that age is still taken, and must be known when it is sent again."""


def ready(us: Side) -> Iterator[str]:
    """A customer at Stripe whom nobody has asked to look at, a trial that was had, a grant, and an old key of usage."""
    tenant = us.tenant.id
    yield f"insert into directory.stripe_links (subject, tenant_id) values ('{_customer(us)}', '{tenant}')"
    yield f"delete from app.billing_syncs where tenant_id = '{tenant}'"
    yield f"insert into app.billing_syncs (tenant_id, customer_id) values ('{tenant}', '{_customer(us)}')"
    digest = f"encode(sha256('{_card(us)}'), 'hex')"
    yield f"insert into directory.trials (subject, tenant_id) values ({digest}, '{tenant}')"
    yield (
        "insert into app.access_grants (tenant_id, id, access, reason, granted_by, until) values"
        f" ('{tenant}', '{us.key}', 'full', 'to try the door', 'ada', now() + interval '1 day')"
    )
    yield f"update app.usage_keys set created_at = now() - interval '1 year' where tenant_id = '{tenant}'"


def probes(us: Side, them: Side) -> Iterator[Probe]:
    """`us` attacks `them`."""
    yield from _of_events(us, them)
    yield from _of_customers(us, them)
    yield from _of_trials(us, them)
    yield from _of_grants(us, them)
    yield Probe("to forget what was used, while it could be used again", (FORGET,), (FORGET,), IN_TIME, role=CLOCK)


def _of_events(us: Side, them: Side) -> Iterator[Probe]:
    """Whatever an event says besides, it is about whose its customer is, and lets whoever hands it in in nowhere."""
    told = _told(_customer(us))
    woken = (told, us.work(), AWAKE)

    def probe(name: str, *wrongful: str, rightful: Script = woken) -> Probe:
        return Probe(f"by an event of Stripe's, {name}", rightful, wrongful, role=WORKS)

    yield probe("and then a look", told, LOOK, rightful=(told,))
    yield probe("of nobody's, and then a look", _told("cus_nobody"), LOOK, rightful=(told,))
    yield probe("within a tenant", us.work(), told, rightful=(told,))
    for whose, customer in (("another's", _customer(them)), ("nobody's", "cus_nobody")):
        named = {"names the tenant": us.tenant.id, "names the tenant's customer": _customer(us)}
        yield probe(f"of {whose}", _told(customer), us.work(), AWAKE)
        for how, name in named.items():
            yield probe(f"of {whose} that {how}", _told(customer, besides=name), us.work(), AWAKE)
    for how, subject in (("in upper case", _customer(us).upper()), ("by a wildcard", "cus_%"), ("by nothing", "")):
        yield probe(f"whose customer is told {how}", _told(subject), us.work(), AWAKE)


def _of_customers(us: Side, them: Side) -> Iterator[Probe]:
    mine = (us.enter(WRITE), _link(_customer(us)))
    free = f"update app.billing_syncs set customer_id = null where tenant_id = '{us.tenant.id}'"

    def probe(name: str, *wrongful: str, spoil: str = "") -> Probe:
        return Probe(f"to a customer, {name}", mine, wrongful, spoil)

    yield probe("who is another tenant's", us.enter(WRITE), _link(_customer(them)), spoil=free)
    yield probe("who is another tenant's, beside one's own", us.enter(WRITE), _link(_customer(them)))
    yield probe("beside one's own", us.enter(WRITE), _link("cus_nobody"))
    yield probe("without entering", _link(_customer(us)))
    yield probe("and goes on as the customer", *mine, _by_another_name(us))


def _of_trials(us: Side, them: Side) -> Iterator[Probe]:
    fresh = [uuid4().hex for _ in range(8)]
    had = (us.enter(WRITE), _take([_card(us), *fresh]))

    def probe(name: str, *wrongful: str) -> Probe:
        return Probe(f"to a trial, {name}", had, wrongful)

    yield probe("that another tenant has had", us.enter(WRITE), _take([_card(them)]))
    yield probe("that another tenant has had, among others", us.enter(WRITE), _take([_card(them), *fresh]))
    yield probe("without entering", _take(fresh))
    yield probe("and goes on as what was had", *had, _by_another_name(us))


def _of_grants(us: Side, them: Side) -> Iterator[Probe]:
    to_give, to_look = us.visit("access:grant"), us.visit(READ)

    def probe(name: str, errand: str, *wrongful: str) -> Probe:
        return Probe(f"as an operator who {name}", (to_give, errand), wrongful, role=OPERATORS)

    yield probe("gives access, within a look", GRANT, to_look, GRANT)
    yield probe("gives access, who was never there", GRANT, GRANT)
    yield probe("takes access, within a look", _end(us), to_look, _end(us))
    yield probe("takes access, from another tenant", _end(us), to_give, _end(them))


def _told(customer: str, besides: str = "") -> str:
    """Something of a customer; `besides` is whoever else it names, wherever one may be named."""
    named = f'{{"id": "{besides}", "customer": "{besides}", "metadata": {{"freehold_tenant": "{besides}"}}}}'
    return (
        f"select app.receive_stripe('evt_{uuid4().hex}', '{customer}', 'customer.updated', now(), null, false,"
        f" '{besides}', null, false, '{{\"data\": {{\"object\": {named}}}}}')"
    )


def _link(customer: str) -> str:
    return f"select app.link_customer('{customer}', null)"


def _take(marks: list[str]) -> str:
    """An error where they are not to be had."""
    return f"select 1 / app.take_trial('{{{','.join(marks)}}}')::integer"


def _end(side: Side) -> str:
    """An error where there is nothing to end."""
    return f"select 1 / app.end_grant('{side.key}')::integer"


def _by_another_name(us: Side) -> str:
    """An error where whoever goes on is who they were."""
    return f"select 1 / (current_setting('app.issuer') not in ('', '{us.issuer}'))::integer"


def _customer(side: Side) -> str:
    return f"cus_{side.tenant.mark}"


def _card(side: Side) -> str:
    return f"card-{side.tenant.mark}"
