"""Prints a bearer token for anybody, from the issuer of the running `make dev`."""

import argparse
import json
from urllib.parse import urlencode

from local import errors, web
from local.instance import require


def token(issuer: str, email: str, name: str | None = None) -> str:
    """A token from an issuer's token endpoint."""
    form = urlencode({"email": email} | ({"name": name} if name else {})).encode()
    answer = web.post(f"{issuer}/token", form, content_type="application/x-www-form-urlencoded")
    access_token: str = json.loads(answer.body)["access_token"]
    return access_token


def main() -> None:
    """Print one token and nothing else."""
    parser = argparse.ArgumentParser(prog="freehold token", description=__doc__)
    parser.add_argument("email", help="who it is, as in alice@acme.test")
    parser.add_argument("--name", help="the person's name; else the part before the @")
    options = parser.parse_args()
    print(token(require().issuer, options.email, options.name))


if __name__ == "__main__":
    errors.run(main)
