"""A thousand calls of A and B in turns in one warm process: nothing of one comes to the other, or stays behind."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from freehold.api_keys.secrets import SHAPE as API_KEY
from proof.http.answers import REQUEST_ID, shortened
from proof.http.everybody import authority
from proof.http.expected import GOOD
from proof.http.operations import Operation
from proof.http.principals import Principal, Tenant
from proof.http.probe import Prober, Request, judge_output
from proof.http.residue import residue
from proof.http.resources import THE_SAME_FOR_ALL
from proof.http.routes import own
from proof.http.stage import Heard
from proof.http.values import NoValue, sibling

SEED = 4
FAILED = 500
CORRELATION = "X-Correlation-Id"
HOSTILE: tuple[Callable[[Any], Any], ...] = (
    lambda body: {name: [value] for name, value in body.items()},
    dict.fromkeys,
    lambda body: {name: f"{value}\u0000" for name, value in body.items()},
    lambda body: {**body, "unknown": body},
    lambda body: [body],
    json.dumps,
    lambda body: {name: str(value) * 1000 for name, value in body.items()},
)


def attack_warm(prober: Prober, operations: tuple[Operation, ...], calls: int) -> Iterator[int]:
    """The calls, the number of each as it is done; then what the process still holds."""
    chance = random.Random(SEED)  # noqa: S311 (the same calls each time)
    secrets = {tenant.owner: tenant.mark for tenant in (prober.world.a, prober.world.b)}
    good = dict.fromkeys((prober.world.a.id, prober.world.b.id), 0)
    for number in range(calls):
        tenant = (prober.world.a, prober.world.b)[number % 2]
        operation = operations[(number // 2) % len(operations)]
        try:
            principal, request = _some(prober, chance, operation, tenant, number)
        except NoValue:
            continue  # the routes have told why
        good[tenant.id] += _judged(prober, principal, request, secrets).answer.status in GOOD
        yield number + 1
    prober.tally.unarmed += [f"canaries: nothing of {known} succeeded" for known, times in good.items() if not times]
    for said in sorted(set(_left_behind(prober, secrets))):
        prober.tally.leaked("what the process holds", "after all calls", said)


def _some(
    prober: Prober, chance: random.Random, operation: Operation, tenant: Tenant, number: int
) -> tuple[Principal, Request]:
    """Good requests, foreign and absent things, nonsense, and requests of nobody."""
    principal = authority(prober.world, operation, tenant)
    request = own(prober, operation, principal, fresh=operation.method == "DELETE")
    text = prober.world.text(tenant)
    request = replace(request, body=prober.resources.body(operation, tenant, text=text, fresh=not operation.reads))
    request = replace(request, headers={**request.headers, CORRELATION: f"{tenant.mark}correlation{number}"})
    return _spoiled(prober, chance, principal, request)


def _spoiled(
    prober: Prober, chance: random.Random, principal: Principal, request: Request
) -> tuple[Principal, Request]:
    """Half of the time as it is."""
    mark = principal.home.mark
    match chance.randrange(10):
        case 0 if request.ids:
            ids = prober.resources.in_path(request.operation, prober.world.other(principal.home))
            request = replace(request, ids=ids)
        case 1 if request.ids:
            nobodys = {place: sibling(known) for place, known in request.ids.items() if place not in THE_SAME_FOR_ALL}
            request = replace(request, ids={**request.ids, **nobodys})
        case 2 if request.body:
            request = replace(request, body=chance.choice(HOSTILE)(request.body))
        case 3:
            token = prober.world.token(f"{mark}expired", "nobody", exp=1)
            principal = replace(principal, token=token, refused=401)
        case 4:
            principal = replace(principal, token=f"{mark}garbage", refused=401)
        case 5:
            principal = replace(principal, headers={})
    return principal, request


def _judged(prober: Prober, principal: Principal, request: Request, secrets: dict[str, str]) -> Heard:
    heard = prober.send(principal, request)
    prober.tally.probed(prober.family)
    where = f"{principal.name} of {principal.home.mark}"
    text = " ".join((heard.answer.body, *heard.answer.headers.values()))
    asked = [*request.asked, heard.answer.headers.get(REQUEST_ID, "")]
    for place, words in (("the answer", text), ("a log line", heard.output)):
        strange = prober.world.strangers(words, (principal.home.id,), asked)
        strange += [f"a secret of {mark}" for secret, mark in secrets.items() if secret in words]
        if strange:
            prober.leaked(request.operation, where, f"{place} shows {strange} of another tenant")
    output = heard.output.replace(request.headers[CORRELATION], "")
    for said in judge_output(replace(heard, output=output), [principal.home.mark]):
        prober.leaked(request.operation, where, said)
    if heard.answer.status >= FAILED:
        prober.leaked(request.operation, where, f"was answered {heard.answer.status}: {shortened(heard.answer.body)}")
    secrets.update((found[0], principal.home.mark) for found in API_KEY.finditer(text))
    return heard


def _left_behind(prober: Prober, secrets: dict[str, str]) -> Iterator[str]:
    tenants = (prober.world.a, prober.world.b)
    known = prober.world.rows.ids([tenant.id for tenant in tenants])
    ids = {one: tenant.mark for tenant in tenants for one in known[tenant.id]}
    yield from residue({**secrets, **{tenant.mark: tenant.mark for tenant in tenants}}, ids)
