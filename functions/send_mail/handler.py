"""The Lambda handler of the queue of mails: sends each one."""

from freehold.email.sending import SEND
from freehold.jobs.worker import work

handler = work(SEND)
