"""Every route, as everybody, with an id of one's own, a foreign one, one of nobody and one that is none."""

import time
from collections.abc import Sequence
from dataclasses import replace

from local.gateway import Answer
from proof.http.answers import difference, fields, normal, shortened, without
from proof.http.everybody import authority
from proof.http.expected import GOOD, REFUSED, expected, permission_of
from proof.http.operations import Operation
from proof.http.principals import Principal
from proof.http.probe import Prober, Request
from proof.http.resources import THE_SAME_FOR_ALL
from proof.http.rows import changed
from proof.http.stage import Heard
from proof.http.values import NoValue, sibling

BILLING = "/v1/billing/"
"""How the paths begin of what is asked of Stripe, and so only some times in ten minutes."""
MALFORMED = "not-an-id"
A_SECOND = 1.1
WITHIN = ("tenant", "directory")
UNNAMED = "no permission is named after it, so nobody can tell who may: add it to OTHERWISE in proof/http/expected.py"


def attack_route(
    prober: Prober, operation: Operation, principals: Sequence[Principal], *, thorough: bool = True
) -> None:
    """Nothing is tried until the owners could do it themselves. Else whoever is refused anyway names no foreign id."""
    if operation.kind == "tenant" and permission_of(operation) is None:
        prober.tally.unarmed.append(f"{operation.route}: {UNNAMED}")
    try:
        if refusal := _control(prober, operation):
            prober.tally.unarmed.append(f"{operation.route}: {refusal}")
            return
        for principal in principals:
            _attack_as(prober, operation, principal, named=thorough or principal.refused is None)
    except NoValue as missing:
        prober.tally.unarmed.append(f"{operation.route}: {missing}")


def own(prober: Prober, operation: Operation, principal: Principal, *, fresh: bool = False) -> Request:
    """A good request on a thing of the principal's tenant. Raises NoValue."""
    if operation.path.startswith(BILLING):
        prober.world.let_ask(principal.home)
    ids = prober.resources.in_path(operation, principal.home, fresh=fresh)
    return Request(
        operation=operation,
        ids=ids,
        body=prober.resources.body(operation, principal.home, fresh=fresh),
        headers=prober.headers(operation, principal.home, ids),
        query=prober.resources.query(operation, principal.home),
    )


def _control(prober: Prober, operation: Operation) -> str:
    """Why the attack could not find anything; nothing when the owners of both tenants can do what is to be tried."""
    for tenant in (prober.world.a, prober.world.b):
        principal = authority(prober.world, operation, tenant)
        request = own(prober, operation, principal, fresh=not operation.reads)
        before = prober.world.fingerprints()
        answer = prober.send(principal, request).answer
        if answer.status not in expected(operation, principal):
            return f"its owner is answered {answer.status}: {shortened(answer.body)}"
        if operation.kind in WITHIN and _is_empty(prober, principal, answer):
            return "its list is empty, so nothing could show in it"
        after = prober.world.fingerprints()
        writes = operation.kind in WITHIN and not operation.reads and answer.status in GOOD
        if writes and principal.home.id not in changed(before, after):
            return "its owner changes nothing with it"
    return ""


def _is_empty(prober: Prober, principal: Principal, answer: Answer) -> bool:
    """A list without items, or what is no JSON, such as a table for a spreadsheet, without a mark of its owner."""
    if not answer.body or answer.body[0] in "{[":
        return [] in (fields(answer).get("items"), fields(answer).get("Resources"))
    others = [tenant.id for tenant in prober.world.tenants if tenant.id != principal.home.id]
    return not prober.world.strangers(answer.body, others)


def _attack_as(prober: Prober, operation: Operation, principal: Principal, *, named: bool) -> None:
    should = expected(operation, principal)
    fresh = not operation.reads and GOOD.start in should
    mine = own(prober, operation, principal, fresh=fresh)
    answer = prober.try_it(principal, mine, "own id").answer
    if answer.status not in should and not _is_for_people(principal, answer.body):
        prober.leaked(operation, f"{principal.name}, own id", f"was answered {answer.status}: {shortened(answer.body)}")
    for place in [place for place in operation.places if named and place not in THE_SAME_FOR_ALL]:
        _attack_place(prober, mine, principal, place)


def _attack_place(prober: Prober, mine: Request, principal: Principal, place: str) -> None:
    """One id of the path is somebody else's, nobody's, or none."""
    operation, victim = mine.operation, prober.world.other(principal.home)
    theirs = prober.resources.in_path(operation, victim)
    ids = {**mine.ids, place: theirs[place]}
    if place == operation.places[0]:
        ids = dict(theirs)
    body = prober.resources.body(operation, principal.home)
    headers = prober.headers(operation, victim, theirs)
    foreign = replace(mine, ids=ids, body=body, headers=headers)
    absent = sibling(theirs[place])
    compare(prober, principal, foreign, {place: absent}, f"foreign {place}")
    if GOOD.start in expected(operation, principal):
        spelt = replace(foreign, ids={**ids, place: _spelt_otherwise(theirs[place])})
        compare(prober, principal, spelt, {place: _spelt_otherwise(absent)}, f"foreign {place}, spelt otherwise")
    malformed = replace(foreign, ids={**ids, place: MALFORMED})
    answer = prober.try_it(principal, malformed, f"malformed {place}").answer
    if answer.status not in REFUSED:
        prober.leaked(operation, f"{principal.name}, malformed {place}", f"was answered {answer.status}")


def _spelt_otherwise(known: str) -> str:
    """The same id, as a cache might take it for another."""
    return known.replace("-", "").upper()


def compare(prober: Prober, principal: Principal, foreign: Request, instead: dict[str, str], what: str) -> None:
    """What is foreign must be answered as what does not exist."""
    absent = replace(foreign, ids={**foreign.ids, **instead})
    answers = [prober.try_it(principal, request, what) for request in (foreign, absent)]
    tell_difference(prober, principal, (foreign, absent), answers, what)
    if (status := answers[0].answer.status) not in REFUSED:
        prober.leaked(foreign.operation, f"{principal.name}, {what}", f"was answered {status}")


def tell_difference(
    prober: Prober, principal: Principal, requests: Sequence[Request], answers: Sequence[Heard], what: str
) -> None:
    """Each way in which the two answers differ."""
    asked = [one for request in requests for one in request.asked_ids]
    one, other = (normal(heard.answer, asked) for heard in answers)
    if difference(one, other) and (passing := _passing(prober, principal, requests[-1])):
        one, other = without(one, passing), without(other, passing)
    if said := difference(one, other):
        prober.leaked(requests[0].operation, f"{principal.name}, {what}", f"the answers differ: {said}")


def _passing(prober: Prober, principal: Principal, request: Request) -> set[str]:
    """The fields of an answer that are others a second later, with nothing done: a moment, a signature."""
    if not request.operation.reads:
        return set()
    one = fields(prober.send(principal, request).answer)
    time.sleep(A_SECOND)
    other = fields(prober.send(principal, request).answer)
    return {name for name in one if one[name] != other.get(name)}


def _is_for_people(principal: Principal, body: str) -> bool:
    """What an API key may not do at all, whatever its scopes."""
    return principal.is_key and '"person_required"' in body
