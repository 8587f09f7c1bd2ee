"""Signs a request to AWS by itself: Signature Version 4, in the query string or in headers, with the standard library.

An AWS client would cost a cold start more than everything else together. botocore is the oracle of the tests.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
NO_BODY = hashlib.sha256(b"").hexdigest()
ANY_BODY = "UNSIGNED-PAYLOAD"
"""What S3 wants in place of a hash."""
LOGIN_SECONDS = 900
"""How long AWS accepts a database login; the connection that it opened lives on."""


class NoCredentials(Exception):
    """AWS credentials are missing from the environment. Lambda sets them; elsewhere, export them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Of the role that this process has; `session_token` is empty for a user's own keys."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    region: str

    @classmethod
    def of_process(cls, environment: Mapping[str, str] = os.environ) -> "Credentials":
        """What Lambda puts into the environment. Raises NoCredentials."""
        try:
            return cls(
                access_key_id=environment["AWS_ACCESS_KEY_ID"],
                secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
                session_token=environment.get("AWS_SESSION_TOKEN", ""),
                region=environment["AWS_REGION"],
            )
        except KeyError as missing:
            raise NoCredentials(f"{missing.args[0]} is not set: {NoCredentials.__doc__}") from None


def database_token(*, host: str, port: int, user: str, credentials: Credentials, at: datetime) -> str:
    """What a database role logs in with instead of a password; `at` is UTC."""
    return presigned(
        f"{host}:{port}",
        {"Action": "connect", "DBUser": user},
        service="rds-db",
        seconds=LOGIN_SECONDS,
        credentials=credentials,
        at=at,
    )


def file_url(  # noqa: PLR0913 (by name: what a signature covers)
    *, bucket: str, key: str, filename: str, seconds: int, credentials: Credentials, at: datetime, endpoint: str = ""
) -> str:
    """Where anybody fetches a file of S3 for the coming `seconds`, to be saved as `filename`; `at` is UTC.

    `endpoint` is that of something in place of AWS: `http://127.0.0.1:4566`.
    """
    china = ".cn" if credentials.region.startswith("cn-") else ""
    where = urlsplit(endpoint or f"https://{bucket}.s3.{credentials.region}.amazonaws.com{china}")
    signed = presigned(
        where.netloc,
        {"response-content-disposition": f'attachment; filename="{filename}"'},
        path=f"/{bucket}/{key}" if endpoint else f"/{key}",
        body=ANY_BODY,
        service="s3",
        seconds=seconds,
        credentials=credentials,
        at=at,
    )
    return f"{where.scheme}://{signed}"


def presigned(  # noqa: PLR0913 (by name: what a signature covers)
    host: str,
    query: Mapping[str, str],
    *,
    service: str,
    seconds: int,
    credentials: Credentials,
    at: datetime,
    path: str = "/",
    body: str = NO_BODY,
) -> str:
    """`host/path?query` of a GET, signed for the coming `seconds`; of `body` the hash."""
    moment, day = f"{at:%Y%m%dT%H%M%SZ}", f"{at:%Y%m%d}"
    scope = f"{day}/{credentials.region}/{service}/aws4_request"
    signed = {
        **query,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key_id}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    if credentials.session_token:
        signed["X-Amz-Security-Token"] = credentials.session_token
    pairs = [f"{_encoded(name)}={_encoded(value)}" for name, value in signed.items()]
    path = quote(path, safe="/-_.~")
    request = f"GET\n{path}\n{'&'.join(sorted(pairs))}\nhost:{host}\n\nhost\n{body}"
    signature = _signature(request, moment, scope, credentials)
    return f"{host}{path}?{'&'.join(pairs)}&X-Amz-Signature={signature}"


def signed_post(  # noqa: PLR0913 (by name: what a signature covers)
    host: str, headers: Mapping[str, str], body: bytes, *, service: str, credentials: Credentials, at: datetime
) -> dict[str, str]:
    """All headers of a POST of `body` to `https://host/`, signed; names of `headers` are in lower case, `at` is UTC."""
    moment, scope = f"{at:%Y%m%dT%H%M%SZ}", f"{at:%Y%m%d}/{credentials.region}/{service}/aws4_request"
    signed = {**headers, "host": host, "x-amz-date": moment}
    if credentials.session_token:
        signed["x-amz-security-token"] = credentials.session_token
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    names = ";".join(sorted(signed))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    signature = _signature(request, moment, scope, credentials)
    who = f"{credentials.access_key_id}/{scope}"
    signed["authorization"] = f"{ALGORITHM} Credential={who}, SignedHeaders={names}, Signature={signature}"
    return signed


def _signature(request: str, moment: str, scope: str, credentials: Credentials) -> str:
    to_sign = f"{ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    day, _, service, _ = scope.split("/")
    return _hmac(_signing_key(credentials, day, service), to_sign).hex()


def _signing_key(credentials: Credentials, day: str, service: str) -> bytes:
    key = f"AWS4{credentials.secret_access_key}".encode()
    for part in (day, credentials.region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
