"""The attack on whatever queues call: every worker of the manifest, with messages of hostile tenants."""

from proof.workers.attack import Focus, attack

__all__ = ["Focus", "attack"]
