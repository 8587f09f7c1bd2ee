"""Why a job does not run yet, in a code and a sentence."""

from freehold.jobs.models import JobInLine, State, Why


def why(job: JobInLine) -> Why | None:
    """None for one that runs or is over."""
    match job.state:
        case State.SCHEDULED:
            return _scheduled(job)
        case State.WAITING:
            return _waiting(job)
        case State.QUEUED:
            return Why(code="handed_over", detail="It was handed to a worker and is about to begin.")
        case _:
            return None


def _scheduled(job: JobInLine) -> Why:
    at = f"{job.due_at:%Y-%m-%d %H:%M:%S} UTC"
    if job.reason is None:
        return Why(code="scheduled", detail=f"It is scheduled for {at}.")
    if job.attempt == 0:
        return Why(code="put_off", detail=f"It was put off until {at}: {job.reason}")
    tried = f"Attempt {job.attempt} of {job.attempts} did not succeed; the next is at {at}."
    return Why(code="tried_again", detail=f"{tried} {job.reason}")


def _waiting(job: JobInLine) -> Why:
    if job.concurrency == 0:
        return Why(code="tenant_at_its_limit", detail=f"Your tenant may run no {job.job_class.value} jobs.")
    if job.under_way >= job.concurrency:
        running = f"Your tenant already runs {job.under_way} of {job.concurrency} {job.job_class.value} jobs."
        return Why(code="tenant_at_its_limit", detail=running)
    if job.ahead:
        jobs = "1 job of your own is" if job.ahead == 1 else f"{job.ahead} jobs of your own are"
        return Why(code="behind_your_own", detail=f"{jobs} ahead of it.")
    return Why(code="next", detail="It is your tenant's next, and waits for a worker.")
