"""Verifies domains: a job that asks the DNS for the record that only a domain's owner can set."""

from functools import partial

from pydantic import BaseModel

from freehold.database import Write, write
from freehold.errors import DomainTaken, NotFound
from freehold.jobs.kinds import Again, Done, GiveUp, Kind, Outcome
from freehold.jobs.models import JobClass
from freehold.jobs.running import Running
from freehold.permissions import SSO_WRITE
from freehold.sso import events, queries
from freehold.sso.models import Domain, DomainId
from freehold.sso.records import Texts, Unanswered, texts_of


class Wanted(BaseModel):
    """Which domain."""

    domain_id: DomainId


def verification(texts: Texts = texts_of) -> Kind[Wanted]:
    """The kind of job; `texts` asks the DNS."""
    return Kind(
        name="sso.verify_domain",
        job_class=JobClass.INTERACTIVE,
        input=Wanted,
        run=partial(verify, texts),
        attempts=4,
        permission=SSO_WRITE,
    )


def verify(texts: Texts, running: Running, wanted: Wanted) -> Outcome:
    """Looks once. A record takes a while to be seen everywhere, so that one that is missing is looked for again."""
    try:
        domain = running.works.one(queries.domain(wanted.domain_id))
        if domain.record_value not in texts(domain.record_name):
            return Again(None, f"There is no TXT record {domain.record_value} at {domain.record_name} yet.")
        running.works.do(mark_verified(domain.id))
    except Unanswered:
        return Again(None, "The name servers of this domain did not answer.")
    except NotFound:
        raise GiveUp("This domain was given up.") from None
    except DomainTaken as taken:
        raise GiveUp(taken.detail) from taken
    return Done({"domain": domain.name})


def mark_verified(domain_id: DomainId) -> Write[Domain]:
    """The tenant's domain from now on. Raises DomainTaken, for only one can have it."""
    return write(
        Domain,
        """
        update app.domains set verified_at = now(), version = version + 1, updated_at = now()
         where tenant_id = %(tenant_id)s and id = %(id)s and verified_at is null
        """,
        unchanged="select * from app.domains where tenant_id = %(tenant_id)s and id = %(id)s",
        answer=queries.DOMAIN,
        event=events.DOMAIN_VERIFIED,
        id=domain_id,
    )


VERIFY_DOMAIN = verification()
