"""`make dev`: the cloud on fixed ports, with data that stays, handlers from the working tree and one stream of logs."""

import argparse
import os
import time
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from psycopg.conninfo import make_conninfo

from local import errors
from local.cloud import Cloud, Ports
from local.errors import LocalError
from local.instance import Instance, only_one, publish
from local.members import Member
from local.project import DEV, ROOT
from local.provider import subject_of
from local.seed import acme

MOST_PEOPLE = 12
"""That a terminal can show without hiding the rest."""

_PORTS = {"api": 4566, "issuer": 4567, "database": 4568, "mail": 4569, "webhook": 4570, "stripe": 4571}

_WELCOME = """
  API         {url}
  API docs    {url}/openapi.json
  Identity    {issuer}
  Login page  {issuer}/ shows a token, {issuer}/authorize is for clients
  Database    {psql}
              sees alice's tenant; then, for another one: set app.tenant_id = '…'
  Mail        {mail}
  Stripe      {stripe}
  Webhooks    {webhooks} takes them, verifies them and tells of each below
  Queues      make queues
  Logs        {logs} (and below)

  alice@acme.test owns the company Acme, whose events go to {webhooks}/acme. Be alice, in another terminal:

    API={url}
    TOKEN=$(make --silent token WHO=alice@acme.test)
    as_alice() {{ curl -s "$API$1" "${{@:2}}" -H "Authorization: Bearer $TOKEN" \\
                      -H "Freehold-Tenant: {tenant}" -H "Content-Type: application/json"; echo; }}
    as_alice /v1/projects -d '{{"name": "Moon"}}'
    as_alice /v1/projects
    as_alice /v1/billing/checkout -d '{{"plan": "pro", "interval": "month"}}'
    as_alice /v1/reports -d '{{"report": "projects"}}'

  Who exists, each with a request of theirs:

{people}

  Anybody else signs up: a token for their address, then POST /v1/tenants.
  An edit of Python under functions/ or layers/ is live at once, a worker's too. A new migration: make migrate.
  Routes, queues and schedules are at the next start.
  Ctrl-C ends everything; the data stays, `make reset` empties it.
"""


def main() -> None:
    """Run until Ctrl-C."""
    options = _options()
    ports = ports_of({name: getattr(options, f"{name}_port") for name in _PORTS})
    with only_one():
        print("Starting the cloud on this laptop:", flush=True)
        with Cloud(DEV, ports=ports, stage=options.stage) as cloud:
            publish(Instance(cloud.url, cloud.issuer.url, cloud.database.conninfo, cloud.stage, cloud.stripe.double))
            print(welcome(cloud, acme(cloud)), flush=True)
            cloud.logs.echo_to_terminal()
            _wait_for_ctrl_c(cloud)


def ports_of(wanted: Mapping[str, int]) -> Ports:
    """Raises LocalError where two are one: whoever came second would talk to the first."""
    for (one, port), (other, same) in combinations(wanted.items(), 2):
        if port == same != 0:
            raise LocalError(f"{one.upper()}_PORT and {other.upper()}_PORT are both {port}: choose another for one.")
    return Ports(**wanted)


def _wait_for_ctrl_c(cloud: Cloud) -> None:
    try:
        while True:
            cloud.require_alive()
            time.sleep(1)
    except KeyboardInterrupt:
        print("\nEnding it; the data stays.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="freehold dev", description=__doc__)
    for name, port in _PORTS.items():
        variable = f"{name.upper()}_PORT"
        default = os.environ.get(variable) or port
        parser.add_argument(f"--{name}-port", type=int, default=default, help=f"also {variable}=… ({port})")
    parser.add_argument("--stage", default="sandbox", help="which stage's settings it runs with (sandbox)")
    return parser.parse_args()


def welcome(cloud: Cloud, tenant: str) -> str:
    """What a newcomer reads first; `tenant` is alice's."""
    seeing = f"-c role=freehold_owner -c app.tenant_id={tenant}"
    psql = f'psql "{make_conninfo(cloud.database.conninfo_of("freehold_migrator"), options=seeing)}"'
    logs = _relative(cloud.logs.file)
    return _WELCOME.format(
        url=cloud.url,
        issuer=cloud.issuer.url,
        psql=psql,
        mail=cloud.mailbox.url,
        stripe=cloud.stripe.says,
        webhooks=cloud.customer.url,
        logs=logs,
        tenant=tenant,
        people=_people(cloud),
    )


def _people(cloud: Cloud) -> str:
    """Those for whom `make token` makes a token, one place a time."""
    here = [m for m in cloud.issuer.members() if (m.issuer, m.subject) == (cloud.issuer.url, subject_of(m.email))]
    return "\n".join(_person(cloud.url, member) for member in here[:MOST_PEOPLE])


def _person(url: str, member: Member) -> str:
    token = f"$(make --silent token WHO={member.email})"
    headers = f'-H "Freehold-Tenant: {member.tenant_id}" -H "Authorization: Bearer {token}"'
    return f"    {member.email}, {member.role} of {member.tenant}\n      curl -s {url}/v1/projects {headers}"


def _relative(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    errors.run(main)
