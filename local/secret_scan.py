"""Looks for live secrets in what is in git, or about to be. Part of `make check`.

A secret is known by its form: Stripe's, AWS's, GitHub's, those that we make ourselves. None has an exception: what is
found is taken out, and revoked, for whoever has cloned the repository has it.
"""

import argparse
import re
import subprocess
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from freehold.api_keys.secrets import CHECKSUM_LENGTH
from freehold.ids import base62
from local import errors
from local.errors import LocalError
from local.project import ROOT

FORMS: Mapping[str, re.Pattern[str]] = {
    "a key or token of ours, for live mode": re.compile(r"\bfh_(?:scim_|op_)?live_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}\b"),
    "a key to Stripe in live mode": re.compile(r"\b[sr]k_live_[0-9A-Za-z]{16,}\b"),
    "a secret that signs webhooks": re.compile(r"\bwhsec_[0-9A-Za-z+/]{32,}={0,2}"),
    "an access key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a secret access key of AWS": re.compile(r"(?i:aws_secret_access_key|secretaccesskey)\W{1,5}[0-9A-Za-z/+]{40}\b"),
    "a token of GitHub": re.compile(r"\b(?:gh[oprsu]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{50,})\b"),
    "a token of npm or PyPI": re.compile(r"\b(?:npm_[0-9A-Za-z]{36}|pypi-AgEI[0-9A-Za-z_-]{50,})\b"),
    "a token of Slack": re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{20,}"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s+[0-9A-Za-z+/=]{40,}"),
}
"""What each is, and how it reads."""

DOCUMENTED = re.compile(r"EXAMPLE(KEY)?\b")
"""How AWS's own examples end."""
_SHOWN = 12  # characters


@dataclass(frozen=True, slots=True)
class Found:
    """A secret, and where."""

    file: str
    line: int
    form: str
    text: str

    def __str__(self) -> str:
        """Without the secret, which would be in the log of the run else."""
        return f"{self.file}:{self.line}: {self.form}, {self.text[:_SHOWN]}…"


def main() -> None:
    """Print where they are, and fail."""
    argparse.ArgumentParser(prog="python -m local.secret_scan", description=__doc__).parse_args()
    found = [one for path in in_git(ROOT) for one in scan(path.relative_to(ROOT).as_posix(), _text(path))]
    if found:
        print("\n".join(map(str, found)))
        raise LocalError(f"{len(found)} secrets: take them out and revoke them; docs/runbooks/secrets-rotation.md.")


def in_git(root: Path) -> Iterator[Path]:
    """What is committed there, and what a commit would take along. Raises LocalError."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise LocalError("Secrets are looked for in a git checkout, and this is none: clone the project.") from error
    yield from (path for name in listed.split("\0") if name and (path := root / name).is_file())


def scan(file: str, text: str) -> Iterator[Found]:
    """All that is in a text."""
    for form, pattern in FORMS.items():
        for match in pattern.finditer(text):
            if not _is_harmless(match[0]):
                yield Found(file, text.count("\n", 0, match.start()) + 1, form, match[0])


def _is_harmless(secret: str) -> bool:
    """An example of AWS's documentation; or a key of ours whose checksum is wrong, which opens nothing."""
    body, checksum = secret[:-CHECKSUM_LENGTH], secret[-CHECKSUM_LENGTH:]
    opens_nothing = secret.startswith("fh_") and base62(zlib.crc32(body.encode()), length=CHECKSUM_LENGTH) != checksum
    return opens_nothing or bool(DOCUMENTED.search(secret))


def _text(path: Path) -> str:
    """Of a picture or another binary: nothing."""
    data = path.read_bytes()
    return "" if b"\0" in data else data.decode(errors="replace")


if __name__ == "__main__":
    errors.run(main)
