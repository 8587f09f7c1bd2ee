"""Has a job done by the worker of its class, as if it had been handed over and its message had come."""

import importlib
import json
from uuid import uuid4

from functions.manifest import FUNCTIONS
from proof.http.principals import Tenant
from proof.http.world import World

_HAND_OVER = """
    update app.jobs
       set state = 'queued', token = %(token)s, lease_until = now() + interval '5 minutes', finished_at = null
     where tenant_id = %(tenant_id)s and id = %(id)s and state in ('scheduled', 'waiting')
"""
_HANDED = "select job_class from app.jobs where tenant_id = %(tenant)s and token = %(token)s"


def run_job(world: World, tenant: Tenant, path: str) -> None:
    """Run the job at the end of a path; where that is none, nothing is done."""
    job_id, token = path.rpartition("/")[2], str(uuid4())
    world.rows.execute(tenant.id, _HAND_OVER, id=job_id, token=token)
    message = {"tenant_id": tenant.id, "job_id": job_id, "token": token, "request_id": "proof"}
    for (job_class,) in world.rows.ask(_HANDED, tenant=tenant.id, token=token):
        function = next(f for f in FUNCTIONS if f.queue and f.queue.name == job_class)
        handler = importlib.import_module(f"functions.{function.code}.handler").handler
        with world.stage.output.taken():
            handler({"Records": [_record(tenant, job_class, json.dumps(message))]}, None)


def _record(tenant: Tenant, queue: str, body: str) -> dict[str, object]:
    return {
        "messageId": str(uuid4()),
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "MessageGroupId": tenant.id},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-central-1:000000000000:{queue}",
        "awsRegion": "eu-central-1",
    }
