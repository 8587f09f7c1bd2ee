"""`make deploy STAGE=launch`: checklist, synthesis, `cdk deploy` of all stacks in order, first answer.

Each stack waits for those that it needs: migrations have run when new code starts, and routes lead to what is there.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.account import Account, Finding
from infra.cdk_cli import cdk
from infra.checklist import Check, findings
from infra.domain_checks import domain_checks
from infra.errors import SynthesisError
from infra.history import entry, note
from infra.options import read_options
from infra.stage import Stage, stage_named

ROOT = Path(__file__).resolve().parents[1]
OK, UNAUTHORIZED = HTTPStatus.OK, HTTPStatus.UNAUTHORIZED
_EXAMPLES = """examples:
  make deploy STAGE=launch                          check, then deploy; asks before it widens permissions
  make deploy STAGE=launch CHECK=1                  the checklist only
  make deploy STAGE=launch YES=1                    in a pipeline, where nobody can be asked
  .venv/bin/freehold deploy --stage launch --json"""
_HEALTHY_SECONDS = 60
_DIGESTS = (
    (("identity/issuers",), "identity/issuers-digest", 16),
    (("mail/from", "mail/public-url"), "mail/digest", 8),
)
"""What a person writes, where its digest goes, and how many digits there is room for."""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when it is deployed and answers, or when a checklist is complete; else 1."""
    options = _parser().parse_args(arguments)
    try:
        stage = stage_named(options.stage)
        account = Account(stage, boto3.Session(region_name=os.environ.get("AWS_REGION")))
        domain = read_options(["--stage", stage.name], root=ROOT).domain
        complete = _checked(account, domain_checks(stage, domain), as_json=options.json)
        if options.check or options.json or not complete:
            return int(not complete)
        _note_digests(account)
        return _noted(account, lambda: _deployed(stage, asks=not options.yes))
    except (SynthesisError, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return 1


def _noted(account: Account, deploy: Callable[[], int]) -> int:
    """Its exit code, with a line in the history of the stage before and after."""
    stage, arn, code = account.stage, account.identity["arn"], 1
    note(account.ssm, stage, entry(ROOT, arn, "started"))
    try:
        code = deploy()
    finally:
        try:
            note(account.ssm, stage, entry(ROOT, arn, "failed" if code else "succeeded"))
        except (BotoCoreError, ClientError) as lost:  # nothing of what went wrong before it
            print(f"warning: how it ended is not written down: {lost}", file=sys.stderr)
    return code


def _checked(account: Account, also: Mapping[str, Check], *, as_json: bool) -> bool:
    found = []
    for finding in findings(account, also):
        found.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        print(json.dumps([finding.as_dict() for finding in found], indent=2))
    missing = [finding for finding in found if not finding.ok and not finding.warns]
    if missing and not as_json:
        print(f"\n{len(missing)} of {len(found)} are missing: docs/runbooks/first-deployment.md goes through them.")
    return not missing


def _show(finding: Finding) -> None:
    word = "ok" if finding.ok else "warning" if finding.warns else "missing"
    print(f"  {word:<7}  {finding.check:<18} {finding.found}")
    if finding.do:
        print(f"           {'':<18} > {finding.do}")


def _note_digests(account: Account) -> None:
    """By which versions of functions differ: else callers would keep one that knows the earlier value."""
    for names, digest, length in _DIGESTS:
        value = "\n".join(account.parameter(f"/freehold/{account.stage.name}/{name}") or "" for name in names)
        account.ssm.put_parameter(
            Name=f"/freehold/{account.stage.name}/{digest}",
            Value=hashlib.sha256(value.encode()).hexdigest()[:length],
            Type="String",
            Overwrite=True,
        )


def _deployed(stage: Stage, *, asks: bool) -> int:
    out, outputs = ROOT / "cdk.out", ROOT / ".freehold" / f"outputs-{stage.name}.json"
    _run([sys.executable, "app.py", "--stage", stage.name, "--out", str(out)])
    how = ["--require-approval", "broadening"] if asks else ["--require-approval", "never", "--concurrency", "2"]
    _run(cdk("deploy", "--all", "--app", str(out), *how, "--outputs-file", str(outputs)))
    told = json.loads(outputs.read_text())
    for line in _records(told):
        print(line)
    return _answering(told[f"freehold-{stage.name}-gateway"]["ApiUrl"])


def _records(outputs: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """What a person has to write into the DNS, where no zone was given to write it into."""
    for stack in outputs.values():
        if "DomainTarget" in stack:
            yield f"deploy: {stack['DomainName']} has to lead to {stack['DomainTarget']}, by a CNAME in your DNS"


def _run(command: Sequence[str]) -> None:
    if subprocess.run(command, check=False, cwd=ROOT).returncode:
        raise SynthesisError("deploy: stopped; the lines above say why, and what ran before still runs.")


def _answering(url: str) -> int:
    """The database through a public route, and the authorizer through one that is not."""
    deadline = time.monotonic() + _HEALTHY_SECONDS
    while (problem := _problem(url)) and time.monotonic() < deadline:
        time.sleep(2)
    print(f"deploy: {url} {problem or 'answers, and so do its authorizer and its database'}")
    return int(bool(problem))


def _problem(url: str) -> str:
    for path, expected in (("/health", OK), ("/v1/tenants", UNAUTHORIZED)):
        if (status := _status(f"{url}{path}")) != expected:
            return f"answers GET {path} with {status} instead of {expected}"
    return ""


def _status(address: str) -> int | str:
    """What somebody with a wrong token is answered, or why nobody answers."""
    request = Request(address, headers={"authorization": "Bearer nobody"})  # noqa: S310 (API Gateway's)
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310 (likewise)
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except OSError as error:
        return str(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="freehold deploy",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="a stage of infra/stage.py")
    parser.add_argument("--check", action="store_true", help="look at the checklist, deploy nothing")
    parser.add_argument("--json", action="store_true", help="the checklist only, as JSON")
    parser.add_argument("--yes", action="store_true", help="do not ask before permissions widen")
    return parser


if __name__ == "__main__":
    sys.exit(main())
