"""A stage of one process: a database that is prepared, an issuer, and the functions as if they had started just now."""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Any

from functions.manifest import FUNCTIONS
from local.another_process import another_process, forget
from local.gateway import Answer, call
from local.issuer import AUDIENCE, Issuer
from local.payments import Payments
from local.ports import LOOPBACK
from local.postgres import SUPERUSER, Postgres
from proof.http.bucket import Bucket
from proof.http.output import Output

NOWHERE = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "proof",
    "AWS_SECRET_ACCESS_KEY": "proof",
    "NO_PROXY": LOOPBACK,
}
"""What is sent to AWS meets nobody, but for files."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, and what was written to the logs meanwhile."""

    answer: Answer
    output: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Where requests go; `superuser` is how the attack looks past every policy."""

    superuser: str
    issuer: Issuer
    output: Output
    bucket: Bucket

    def call(self, method: str, path: str, **request: Any) -> Heard:  # noqa: ANN401 (what `gateway.call` takes)
        """Send a request as a client does."""
        self.output.read()
        with self.output.taken():
            answer = call(method, path, **request)
        return Heard(answer, self.output.read())

    def cold_start(self) -> None:
        """Forget the process: settings, connection, and every handler with what it holds."""
        forget()
        with self.output.taken():
            for code in sorted({function.code for function in FUNCTIONS if not function.on_deploy}):
                importlib.import_module(f"functions.{code}.handler")


@contextmanager
def on_stage(server: Postgres, name: str) -> Iterator[Stage]:
    """A stage on the database `name` of a running server. Everything is as it was afterwards."""
    with (
        TemporaryDirectory(prefix="freehold-") as folder,
        Issuer(Path(folder)) as issuer,
        Output() as output,
        Bucket() as bucket,
        Payments(endpoint="", environment={}) as payments,
    ):
        payments.push_plans()
        payments.sell_for_less("SPRING")  # the example of the document
        signs = [f"whsec_{token_hex()}"]
        variables = {
            "FREEHOLD_STAGE": "proof",
            "FREEHOLD_DATABASE": server.conninfo_without_user(database=name),
            "FREEHOLD_ISSUERS": json.dumps([{"issuer": issuer.url, "audience": AUDIENCE}]),
            "FREEHOLD_KEY_MODE": "test",
            "FREEHOLD_FILES": "proof",
            "FREEHOLD_STRIPE": json.dumps(
                {"secret_key": payments.secret_key, "webhook_secrets": signs, "api": payments.url}
            ),
            "FREEHOLD_PUBLIC_URL": "https://app.example.test",
            "FREEHOLD_WEBHOOK_LISTENERS": json.dumps([issuer.url.removeprefix("http://")]),
            **NOWHERE,
            "AWS_ENDPOINT_URL_S3": bucket.url,
        }
        with another_process(variables):
            yield Stage(server.conninfo(user=SUPERUSER, database=name), issuer, output, bucket)
