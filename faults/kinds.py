"""Two kinds of jobs of our own: one that counts in steps and announces once that it has, one that gives up."""

from uuid import UUID

from pydantic import BaseModel

from freehold.database import done
from freehold.jobs.kinds import Done, GiveUp, Kind, Outcome, Resume
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running

COUNTED = "project.archived"
"""An event that subscribers know; nothing else in a run announces it."""
STEPS = 4


class Nothing(BaseModel):
    """What both take."""


def count(job: Running, _: Nothing) -> Outcome:
    """A step at a time, in two invocations; its effect commits with its end."""
    begun = int((job.checkpoint or {}).get("step", 0))
    for step in range(begun, STEPS):
        if step == STEPS // 2 and begun == 0:
            return Resume({"step": step})
        job.beat(done=step, total=STEPS, checkpoint={"step": max(step, begun)})
    announced = done("select app.announce(%(type)s, %(subject)s, 1, '{}')", type=COUNTED, subject=UUID(str(job.job_id)))
    return Done({"steps": STEPS}, effects=(announced,))


def refuse(_job: Running, _: Nothing) -> Outcome:
    """Never."""
    raise GiveUp("It was made to fail.")


COUNT = Kind(name="faults.count", job_class=JobClass.STANDARD, input=Nothing, run=count)
REFUSE = Kind(name="faults.refuse", job_class=JobClass.STANDARD, input=Nothing, run=refuse)
