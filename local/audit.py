"""Verifies the audit trail: that no entry was changed, removed, added or moved since it was sealed.

Without --database it is the running `make dev`, and without --anchors its bucket. Everything is computed anew, from
entries, seals and anchors; the first thing that is wrong is named. Nothing is changed.
"""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from psycopg.conninfo import make_conninfo

from freehold.database.migrations import MIGRATOR
from local import errors, instance
from local.audit_anchors import AnchorsDisagree, AnchorStore, anchored, store_at, store_on_laptop
from local.audit_chain import Chain, Finding, Outside
from local.audit_reading import Trail, trail
from local.errors import LocalError

_EXAMPLES = """examples:
  freehold audit verify                                   every tenant of the running `make dev`
  freehold audit verify --tenant 01997f5a-0000-7000-8000-000000000001 --json
  freehold audit verify --database 'host=… dbname=freehold user=freehold_migrator' --anchors s3://bucket

exit code: 0 every chain is whole, 1 something is wrong or could not be read, 2 not understood
What to do then: docs/runbooks/audit-verification.md"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of one tenant."""

    tenant: UUID
    sealed: int
    waiting: int
    erased: int
    anchored: int | None
    """The last place in the chain that was written down outside; None where no anchors were read."""
    begins_at: int
    finding: Finding | None

    @property
    def sentence(self) -> str:
        """In one line."""
        if self.finding:
            return f"  {self.tenant}  {self.finding.what}: {self.finding.sentence}"
        anchors = "not compared with anchors" if self.anchored is None else f"anchored up to {self.anchored}"
        erased = f", {self.erased} erased" if self.erased else ""
        since = f", behind checkpoint {self.begins_at}" if self.begins_at else ""
        return f"  {self.tenant}  {self.sealed} entries whole{since}{erased}, {self.waiting} not yet sealed, {anchors}"


def main() -> None:
    """0 when every chain is whole, else 1."""
    options = parse(sys.argv[1:])
    try:
        verdicts = verify_all(_database(options), _anchors(options), options.tenant, kept_days=options.keep)
    except psycopg.Error as error:
        raise LocalError(f"The database does not answer: {str(error).strip()}") from error
    except (BotoCoreError, ClientError) as error:
        raise LocalError(f"The anchors cannot be read: {error}") from error
    sys.exit(show(verdicts, as_json=options.json))


def verify_all(
    conninfo: str, anchors: AnchorStore | None, tenant: UUID | None, *, kept_days: int | None = None
) -> list[Verdict]:
    """Of one tenant, or of all. Raises psycopg.Error, and LocalError for a tenant that is not there.

    Entries are kept for so many days, 0 being for good, whatever the database says of it; None is as it says.
    """
    with trail(conninfo) as found:
        tenants = found.tenants()
        if tenant and tenant not in tenants:
            raise LocalError(f"There is no tenant {tenant} in this database.")
        chosen = [tenant] if tenant else tenants
        return [verify(found, anchors, each, kept_days=kept_days) for each in chosen]


def verify(found: Trail, anchors: AnchorStore | None, tenant: UUID, *, kept_days: int | None = None) -> Verdict:
    """One chain."""
    found.enter(tenant)
    checkpoint, head = found.checkpoint(tenant), found.head(tenant)
    keep = found.keep() if kept_days is None else dt.timedelta(days=kept_days) or None
    known, finding = _known(anchors, tenant)
    outside = Outside(now=dt.datetime.now(dt.UTC), head=head, checkpoint=checkpoint, keep=keep, anchored=known)
    chain = Chain(tenant, outside)
    wrong = chain.first_wrong(found.lines(tenant)) or finding
    return Verdict(
        tenant=tenant,
        sealed=chain.sealed,
        waiting=chain.waiting,
        erased=len(chain.erased),
        anchored=max(known, default=0) if anchors else None,
        begins_at=checkpoint.seq if checkpoint else 0,
        finding=wrong,
    )


def show(verdicts: Sequence[Verdict], *, as_json: bool) -> int:
    """Print them; the exit code."""
    wrong = sum(verdict.finding is not None for verdict in verdicts)
    if as_json:
        print(json.dumps([_plain(verdict) for verdict in verdicts], indent=2))
    else:
        print("\n".join(verdict.sentence for verdict in verdicts))
        print(f"audit: {len(verdicts)} chains verified, {wrong} wrong", flush=True)
    return int(wrong > 0)


def parse(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for. Raises SystemExit with 2 for what is not understood."""
    parser = argparse.ArgumentParser(
        prog="freehold audit",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(dest="verb", metavar="verify", required=True)
    verify_ = verbs.add_parser(
        "verify",
        help="compute every chain anew",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify_.add_argument("--tenant", type=UUID, help="only this one")
    verify_.add_argument("--database", help="another database: libpq's conninfo, of a user that may become its owner")
    verify_.add_argument("--anchors", help="s3://bucket, or a folder that it was copied to")
    verify_.add_argument(
        "--keep", type=int, metavar="DAYS", help="how long entries are kept (0: for good), whatever the database says"
    )
    verify_.add_argument("--json", action="store_true", help="as JSON, and nothing else")
    return parser.parse_args(words)


def _known(anchors: AnchorStore | None, tenant: UUID) -> tuple[dict[int, str], Finding | None]:
    try:
        return dict(anchored(anchors, tenant)) if anchors else {}, None
    except AnchorsDisagree as error:
        return {}, Finding(what="anchors disagree", sentence=str(error))


def _plain(verdict: Verdict) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(verdict), default=str))
    return plain


def _database(options: argparse.Namespace) -> str:
    return options.database or make_conninfo(instance.require().database, user=MIGRATOR)


def _anchors(options: argparse.Namespace) -> AnchorStore | None:
    """Another database's anchors are not guessed."""
    if options.anchors:
        return store_at(options.anchors)
    return None if options.database else store_on_laptop()


if __name__ == "__main__":
    errors.run(main)
