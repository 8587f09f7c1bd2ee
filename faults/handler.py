"""The worker of our own kinds, as the deployed one is made."""

from faults.kinds import COUNT, REFUSE
from freehold.jobs.worker import work

handler = work(COUNT, REFUSE)
