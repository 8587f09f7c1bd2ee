"""The command `freehold`: one word for each thing to do with the product. `make` knows them by the same names.

freehold --help               the list
freehold prove --json         what follows the word is the command's own; each has a --help
"""

import importlib
import sys
from collections.abc import Mapping

from local import errors

COMMANDS: Mapping[str, tuple[str, str]] = {
    "dev": ("local.dev", "Run the whole product on this machine, with your edits live"),
    "demo": ("local.demo", "Deploy to a local cloud, and walk a story through it over HTTP"),
    "test": ("local.suite", "Run the tests: all of them side by side, or those that are named"),
    "prove": ("proof.__main__", "Attack every table, role and route, and show that nothing leaks"),
    "conformance": ("local.conformance", "Let the clients that customers have check what we serve"),
    "faults": ("faults.__main__", "End each process at each named point, and show that nothing is lost or doubled"),
    "migrate": ("local.migrate", "Show what a cell's database lacks, and bring it up to date"),
    "queues": ("local.queues", "Show what waits and what was given up, and send it back"),
    "operator": (
        "local.operators",
        "Find a tenant, look at it, act as a member for a while: with a reason that they read",
    ),
    "flags": ("local.flags", "Say what is shown to whom, without a deployment: roll out, kill, target, compare"),
    "explain": ("local.explain", "Say why something is allowed or refused to a tenant, and what would change it"),
    "stripe": ("local.stripe_double.__main__", "Look at the double of Stripe, let its time pass, break it to order"),
    "audit": ("local.audit", "Verify that nobody has rewritten the audit trail"),
    "billing": ("local.billing", "Make Stripe agree with plans.toml"),
    "usage": ("local.usage", "Compare what was recorded with what Stripe was told"),
    "bench": ("benchmarks.__main__", "Measure what the design costs and saves"),
    "cost": ("local.cost", "Say what a stage costs a month, line by line, from its template"),
    "advise": ("local.advise", "Say what to turn, what that costs, and what to leave alone, from what was measured"),
    "deploy": ("infra.deploy", "Deploy a stage to your AWS account, after a checklist"),
    "deployments": ("infra.deployments", "Show what was deployed to a stage, when, and by whom"),
    "drift": ("infra.drift", "Show what somebody has changed by hand in a stage"),
    "difference": ("infra.difference", "Show what a deployment would change, and refuse what would lose data"),
    "invoke": ("local.invoke", "Run one handler in this process"),
    "token": ("local.bearer", "Print an access token for the running `freehold dev`"),
    "docs": ("local.reference", "Write the reference and the OpenAPI document from the code"),
    "reset": ("local.reset", "Forget the local database"),
}
"""By its word: the module that runs it, and what it does."""


def main() -> None:
    """Run the command that was named."""
    word, *rest = sys.argv[1:] or ["--help"]
    if word in {"--help", "-h", "help"}:
        print(_help())
        return
    if word not in COMMANDS:
        sys.stderr.write(f"error: there is no `freehold {word}`; `freehold --help` lists what there is.\n")
        sys.exit(2)
    module, _ = COMMANDS[word]
    sys.argv = [f"freehold {word}", *rest]
    sys.exit(importlib.import_module(module).main())


def _help() -> str:
    lines = [f"  freehold {word:<12}{sentence}" for word, (_, sentence) in COMMANDS.items()]
    return "\n".join([str(__doc__), *lines])


if __name__ == "__main__":
    errors.run(main)
