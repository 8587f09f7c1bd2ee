"""The Lambda handler of the jobs that talk to Stripe: what we look up, and what people asked for."""

from freehold.jobs.worker import work
from functions.run_billing.kinds import KINDS

handler = work(*KINDS)
