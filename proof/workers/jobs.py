"""Jobs that were handed over, as the dispatcher would; of a kind that nobody knows, where a class has none."""

from collections.abc import Iterator

from local.errors import LocalError
from proof.http.rows import Rows
from proof.workers.messages import Json

_HAND_OVER = """
    update app.jobs
       set state = 'queued', token = gen_random_uuid(), lease_until = now() + interval '5 minutes', finished_at = null
     where tenant_id = %(tenant_id)s and id = (
               select id from app.jobs where tenant_id = %(tenant_id)s and job_class = %(job_class)s
                  and state in ('scheduled', 'waiting') order by id limit 1)
"""
_UNKNOWN = """
    insert into app.jobs (kind, job_class, state, input, attempts)
    values ('proof.unknown', %(job_class)s, 'waiting', '{}', 1)
"""
_HANDED = """
    select id::text, token::text, request_id from app.jobs
     where tenant_id = %(tenant)s and job_class = %(job_class)s and state = 'queued'
     order by updated_at desc, id limit 1
"""
_DISGUISED = """
    insert into app.jobs (kind, job_class, state, input, attempts, token, lease_until, created_by, request_id)
    select kind, job_class, 'queued', input, attempts, %(token)s, now() + interval '5 minutes',
           coalesce((select created_by from app.jobs where tenant_id = %(tenant_id)s and kind = j.kind
                      and %(as_ours)s order by id limit 1), created_by), 'proof'
      from app.jobs j where tenant_id = %(theirs)s and id = %(job_id)s
"""
_ITS_ID = "select id::text from app.jobs where tenant_id = %(tenant)s and token = %(token)s"


def handed(rows: Rows, tenant: str, job_class: str) -> Json:
    """The message of a tenant's job. Raises LocalError."""
    rows.execute(tenant, _HAND_OVER, job_class=job_class)
    if not (found := rows.ask(_HANDED, tenant=tenant, job_class=job_class)):
        rows.execute(tenant, _UNKNOWN, job_class=job_class)
        rows.execute(tenant, _HAND_OVER, job_class=job_class)
        found = rows.ask(_HANDED, tenant=tenant, job_class=job_class)
    if not found:
        raise LocalError(f"No job of the class {job_class} could be handed over.")
    [(job_id, token, request_id), *_] = found
    return {"tenant_id": tenant, "job_id": job_id, "token": token, "request_id": request_id}


def disguised(rows: Rows, tenant: str, theirs: Json) -> Iterator[tuple[str, Json]]:
    """Jobs of a tenant's own with the input of somebody else's, and then with whoever submitted that one."""
    for name, as_ours in (("our job with their input", True), ("our job with their input, by their member", False)):
        token = rows.ask("select gen_random_uuid()::text")[0][0]
        rows.execute(
            tenant, _DISGUISED, theirs=theirs["tenant_id"], job_id=theirs["job_id"], token=token, as_ours=as_ours
        )
        [(job_id,)] = rows.ask(_ITS_ID, tenant=tenant, token=token)
        yield name, {"tenant_id": tenant, "job_id": job_id, "token": token, "request_id": "proof"}
