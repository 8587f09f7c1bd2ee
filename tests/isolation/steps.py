"""Steps by chance: which rule of the machine, and what it is given."""

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from freehold.permissions import Access, Role
from product.projects.models import Status
from tests.isolation.acts import acts, mixed, targets
from tests.isolation.bench import Bench, Mishap, Watched
from tests.isolation.machine import Machine
from tests.isolation.moves import endings, scripts
from tests.isolation.world import Who

type Step = tuple[Callable[..., None], dict[str, Any]]
"""A rule of the machine, and what it is given."""


def follow(steps: Iterable[Step], bench: Bench, door: type[Watched]) -> None:
    """One run. Raises AssertionError as soon as the database is not as the model says."""
    with contextlib.closing(Machine(bench, door)) as machine:
        machine.checks.all_hold()
        for rule, values in steps:
            rule(machine, **values)
            machine.checks.all_hold()


def _steps(rule: Callable[..., None], **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just(rule), st.fixed_dictionaries(values))


numbers = st.integers(0, 2)
somebody = st.sampled_from([*Who, *[Who.OWNER] * 5, *[Who.CONSULTANT, Who.WRITER] * 2])
mishaps = st.sampled_from([Mishap.NONE] * 30 + [Mishap.TERMINATED, Mishap.BEFORE, Mishap.AFTER] * 3 + [Mishap.SILENT])
losses = st.sampled_from([Mishap.NONE] * 6 + [Mishap.TERMINATED, Mishap.AFTER])
request_keys = st.sampled_from([None, "one", "two"])
decisions = st.one_of(
    st.tuples(st.just("role"), st.sampled_from([Role.ADMIN, *Role])),
    st.tuples(st.just("status"), st.sampled_from(["active", "active", "suspended", "removed"])),
    st.tuples(st.just("access"), st.sampled_from([Access.FULL, Access.FULL, *Access])),
    st.sampled_from([("end", None), ("revoke", None), ("move", None)]),
)
changes = _steps(Machine.change, number=numbers, who=somebody, act=acts, key=request_keys, mishap=mishaps)
transactions = _steps(Machine.transact, number=numbers, who=somebody, script=scripts, ending=endings, mishap=losses)
reads = st.one_of(
    _steps(Machine.read, number=numbers, who=somebody, pick=targets, mishap=mishaps),
    _steps(Machine.read_key, number=numbers, who=somebody, pick=targets),
    _steps(
        Machine.leaf_through,
        number=numbers, who=somebody, status=st.sampled_from(Status), limit=st.integers(1, 4), mishap=mishaps,
    ),
    _steps(
        Machine.ask_where_they_belong,
        number=numbers, who=st.sampled_from([Who.OWNER, Who.CONSULTANT, Who.CONSULTANT_OF_OLD]),
    ),
)  # fmt: skip
steps = mixed(
    (4, changes), (5, transactions), (3, reads), (1, _steps(Machine.decide, number=numbers, decision=decisions))
)
