"""The Lambda handler of jobs; each class has a function and a queue of its own that run it."""

from typing import Any

from freehold.jobs.kinds import Kind
from freehold.jobs.worker import work

KINDS: tuple[Kind[Any], ...] = ()

handler = work(*KINDS)
