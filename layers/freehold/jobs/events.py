"""What happens to jobs."""

from freehold.jobs.models import Job
from freehold.messaging.events import EventType
from freehold.permissions import JOBS_READ

JOB_SUCCEEDED = EventType(name="job.succeeded", description="A job was done", data=Job, permission=JOBS_READ)
JOB_FAILED = EventType(
    name="job.failed", description="A job was given up, after its last attempt", data=Job, permission=JOBS_READ
)
