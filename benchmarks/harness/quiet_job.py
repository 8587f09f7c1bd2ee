"""A kind of job that does nothing, so that what is measured is the way to it."""

from pydantic import BaseModel

from freehold.jobs.kinds import Done, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.jobs.worker import work


class Nothing(BaseModel):
    """What it takes."""


def rest(_job: Running, _: Nothing) -> Outcome:
    """At once."""
    return Done()


REST = Kind(name="bench.rest", job_class=JobClass.STANDARD, input=Nothing, run=rest)

handler = work(REST)
