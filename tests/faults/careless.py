"""A worker that makes every mistake there is: its effect commits before its end does."""

from uuid import UUID

from faults.kinds import COUNTED, REFUSE, Nothing
from freehold.database import done
from freehold.jobs.kinds import Done, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.jobs.worker import work


def count(job: Running, _: Nothing) -> Outcome:
    """Announces in a unit of its own."""
    subject = UUID(str(job.job_id))
    job.works.do(done("select app.announce(%(type)s, %(subject)s, 1, '{}')", type=COUNTED, subject=subject))
    return Done()


handler = work(Kind(name="faults.count", job_class=JobClass.STANDARD, input=Nothing, run=count), REFUSE)
