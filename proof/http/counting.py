"""Whatever A writes, B must not be able to count: the same request is answered the same before and after."""

from proof.http.answers import difference, normal
from proof.http.everybody import owner_of
from proof.http.operations import Operation
from proof.http.probe import Prober
from proof.http.routes import own


def attack_count(prober: Prober, operation: Operation) -> None:
    """A gets one more of everything in between."""
    if not operation.reads or operation.kind != "tenant":
        return
    attacker = owner_of(prober.world.b)
    request = own(prober, operation, attacker)
    before = prober.try_it(attacker, request, "before A wrote").answer
    prober.resources.add(prober.world.a)
    after = prober.try_it(attacker, request, "after A wrote").answer
    if said := difference(normal(before), normal(after)):
        prober.leaked(operation, "owner of B, before and after A wrote", f"the answers differ: {said}")
