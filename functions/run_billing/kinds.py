"""Which jobs the two classes have: a line for each."""

from typing import Any

from freehold.jobs.kinds import Kind

KINDS: tuple[Kind[Any], ...] = ()
