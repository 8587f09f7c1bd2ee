"""Who asks. Lambda does not say who invoked it, so operators show a request to AWS that only they could have signed.

It asks AWS whose signature it is, names this function, and is good for minutes: nobody can show somebody else's, and
one that was made for another purpose opens nothing here. The name is the last part of what AWS answers: a user's name,
or the name of a role's session, which IAM Identity Center makes the person's own.
Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from freehold.errors import Unauthenticated

HEADER = "x-freehold-function"
"""Signed along; holds the name of the function that is asked."""
HOST = re.compile(r"sts\.[a-z]{2}(-[a-z]+)+-[0-9]\.amazonaws\.com")
PERSON = re.compile(r"arn:aws[a-z-]*:(?:iam::\d{12}:user|sts::\d{12}:assumed-role)/(?:.+/)?([\w+=,.@-]+)", re.ASCII)
TIMEOUT = 5.0  # seconds
SIGNED = {
    *("Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires"),
    *("X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders"),
}
"""The parameters of such a request; each stands there once."""

type Ask = Callable[[str, str], dict[str, Any]]
"""Sends the signed request with the function's name; AWS's answer."""


def ask_aws(url: str, function: str) -> dict[str, Any]:
    """Raises Unauthenticated where AWS does not know the signature."""
    request = Request(url, headers={HEADER: function, "accept": "application/json"})  # noqa: S310 (AWS's own, by HOST)
    try:
        with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 (likewise)
            said: dict[str, Any] = json.load(answer)
    except (OSError, ValueError) as error:
        raise Unauthenticated(f"AWS does not say who you are: {error}") from error
    return said


def operator_of(proof: object, *, function: str, account: str, ask: Ask = ask_aws) -> str:
    """The operator's name. Raises Unauthenticated for a proof of anything else, and for another account's people."""
    if not isinstance(proof, str) or not _asks_who(proof):
        raise Unauthenticated("Show a signed request of sts:GetCallerIdentity as `proof`: `freehold operator` does.")
    found = ask(proof, function)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    person = PERSON.fullmatch(found["Arn"])
    if found["Account"] != account or person is None:
        raise Unauthenticated(f"{found['Arn']} is no person of this account.")
    return person[1]


def _asks_who(proof: str) -> bool:
    """Nothing else may be sent from here, and to nobody else."""
    url = urlsplit(proof)
    pairs = parse_qsl(url.query, keep_blank_values=True)
    query = dict(pairs)
    return (
        (url.scheme, url.path) == ("https", "/")
        and HOST.fullmatch(url.netloc) is not None
        and len(pairs) == len(query)
        and query.keys() <= SIGNED
        and query.get("Action") == "GetCallerIdentity"
        and HEADER in query.get("X-Amz-SignedHeaders", "").split(";")
    )
