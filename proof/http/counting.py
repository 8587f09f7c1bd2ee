"""Whatever A writes, B must not be able to count: the same request is answered the same before and after."""

from proof.http.everybody import authority
from proof.http.operations import Operation
from proof.http.probe import Prober
from proof.http.routes import WITHIN, own, tell_difference


def attack_count(prober: Prober, operation: Operation) -> None:
    """A gets one more of everything in between."""
    if not operation.reads or operation.kind not in WITHIN:
        return
    attacker = authority(prober.world, operation, prober.world.b)
    request = own(prober, operation, attacker)
    before = prober.try_it(attacker, request, "before A wrote")
    prober.resources.add(prober.world.a)
    after = prober.try_it(attacker, request, "after A wrote")
    tell_difference(prober, attacker, (request, request), (before, after), "before and after A wrote")
