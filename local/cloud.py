"""The whole cloud on a laptop, as one context manager.

    with throwaway(mode="zips") as cloud:
        web.get(f"{cloud.url}/health")

`mode="working-tree"` runs the handlers from the working tree, for daily work. `mode="zips"` runs the built zips and
layers in the emulator's own processes and environment, for proof: what passes there is what deploys. Everything else
is the same: the synthesized stacks, the routes, the authorizer, PostgreSQL, the issuer.
"""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Self

from freehold.billing.plans_file import load
from infra.stage import stage_named
from local import web
from local.clock import Clock
from local.customer import Customer
from local.database import Database
from local.deployer import deploy
from local.emulator import Emulator
from local.errors import LocalError
from local.function_logs import function_logs
from local.inboxes import SENDER, Mailbox
from local.issuer import AUDIENCE, Issuer
from local.log_stream import LogStream, render
from local.members import members
from local.payments import Payments
from local.postgres import SUPERUSER, Postgres, discard
from local.progress import Progress
from local.reloader import Reloader
from local.scratch import scratch
from local.synthesis import Mode, Synthesis
from local.template import API_ID
from product.plans import PLANS

_HEALTH_SECONDS = 30
_LAST_LINES = 20
_MAKES_SECRETS = "-messaging"
"""The stack with the place for the keys to Stripe; the functions come after it."""


def parameters(stage: str, *, conninfo: str, pages: str, issuer: str) -> dict[str, str]:
    """What the network and cell stacks of a deployed stage would have written, and its founder; whole names."""
    dial = stage_named(stage)
    told = {
        "network/subnets": ",".join(f"subnet-0{zone}00000000000000{zone}" for zone in "abc"[: dial.zones]),
        "network/ways-out": ",".join(f"nat-0{zone}00000000000000{zone}" for zone in "abc"[: dial.ways_out]),
        "cell/pool/clients": "sg-0a00000000000000a",
        "cell/pool/conninfo": conninfo,
        "cell/pool/resource": "cluster-LAPTOP",
        "cell/pool/reader/conninfo": conninfo,
        "cell/pool/writer/conninfo": conninfo,
        "cell/pool/writer/resource": "cluster-LAPTOP",
        "mail/from": SENDER,
        "mail/public-url": pages,
        "mail/digest": "laptop",
        "identity/issuers-digest": "laptop",
        "identity/issuers": json.dumps([{"issuer": issuer, "audience": AUDIENCE}]),
    }
    return {f"/freehold/{stage}/{name}": value for name, value in told.items()}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where things listen; 0 takes a free port. `make dev` takes them from API_PORT, …, as its help says."""

    api: int = 0
    issuer: int = 0
    database: int = 0
    mail: int = 0
    webhook: int = 0
    stripe: int = 0


@contextmanager
def throwaway(*, mode: Mode = "zips", stage: str = "sandbox", quiet: bool = False) -> Iterator["Cloud"]:
    """A cloud on free ports that leaves nothing behind, for a demonstration or a test."""
    with scratch() as folder:
        try:
            with Cloud(folder, mode=mode, stage=stage, durable=False, quiet=quiet) as cloud:
                yield cloud
        finally:
            discard(folder / "postgres")


class Cloud:
    """Boots everything on entry, in a few seconds, and ends everything on exit. Data stays in `folder`."""

    def __init__(  # noqa: PLR0913 -- each has a default, and two callers that differ
        self,
        folder: Path,
        *,
        mode: Mode = "working-tree",
        stage: str = "sandbox",
        ports: Ports = Ports(),
        durable: bool = True,
        echo: IO[str] | None = None,
        quiet: bool = False,
    ) -> None:
        self.mode, self.stage = mode, stage
        self.progress = Progress(quiet=quiet)
        self.postgres = Postgres(folder / "postgres", port=ports.database, durable=durable, choose="DATABASE_PORT=…")
        self.database = Database(self.postgres)
        self.logs = LogStream(folder / "functions.log", echo=echo)
        self._folder = folder
        self._durable = durable
        self._ports = ports
        self._running = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._boot()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _boot(self) -> None:
        """Slow things start first and are waited for last."""
        begin = time.monotonic()
        self.issuer = Issuer(self._folder, port=self._ports.issuer, choose="ISSUER_PORT=…")
        self._running.enter_context(self.issuer)
        self.emulator = Emulator(self._folder / "emulator", port=self._ports.api, choose="API_PORT=…")
        self._running.callback(self.emulator.stop)
        self.emulator.start()
        self.mailbox = Mailbox(self.emulator.endpoint, logs=self.logs, port=self._ports.mail, choose="MAIL_PORT=…")
        self._running.enter_context(self.mailbox)
        self.customer = Customer(self.logs, port=self._ports.webhook, choose="WEBHOOK_PORT=…")
        self._running.enter_context(self.customer)
        self.stripe = Payments(
            endpoint=f"{self.url}/stripe/webhooks",
            port=self._ports.stripe,
            folder=self._folder if self._durable else None,
        )
        self._running.enter_context(self.stripe)
        synthesis = Synthesis(self.stage, mode=self.mode)
        self._running.callback(synthesis.stop)
        synthesis.start()
        self._start_database()
        self.issuer.members = partial(members, self.database.conninfo_of(SUPERUSER))
        with self.progress.step("AWS emulator", since=begin):
            self.emulator.wait_until_ready()
        self._write_parameters()
        self.mailbox.verify_sender()
        with self.progress.step("Synthesis", since=begin):
            synthesis.wait()
        self._deploy(synthesis)
        superuser = self.database.conninfo_of(SUPERUSER)
        self._running.enter_context(Clock(self.emulator.endpoint, stage=self.stage, database=superuser))
        with self.progress.step("First answer"):
            self._wait_until_healthy()
        with self.progress.step("Plans"):
            self.stripe.push_plans()

    def _start_database(self) -> None:
        with self.progress.step("PostgreSQL"):
            self._running.callback(self.postgres.stop)
            self.postgres.start()
        with self.progress.step("Roles and migrations" if self.mode == "working-tree" else "Roles"):
            self._prepare_database()

    def _prepare_database(self) -> None:
        """As zips, the schema stack migrates, as on AWS; from the working tree that is done by then."""
        if self.mode == "zips":
            self.database.make_roles()
        else:
            self.database.prepare(PLANS)

    def _write_parameters(self) -> None:
        told = parameters(self.stage, conninfo=self.database.conninfo, pages=self.mailbox.pages, issuer=self.issuer.url)
        for name, value in told.items():
            self.emulator.put_parameter(name, value)

    def _deploy(self, synthesis: Synthesis) -> None:
        host = self._start_function_host() if self.mode == "working-tree" else None
        told = {
            "FREEHOLD_WEBHOOK_LISTENERS": json.dumps([self.customer.listener, self.issuer.url.removeprefix("http://")]),
            "FREEHOLD_KEY_MODE": "test",  # at every stage: the double of Stripe has clocks that go ahead of ours
        }
        for stack in synthesis.stacks():
            with self.progress.step(f"Stack {stack}"):
                deploy(self.emulator, synthesis.out, stack, function_host=host, told=told)
            if stack.endswith(_MAKES_SECRETS):
                self.stripe.write_secret(self.emulator.endpoint, self.stage)

    def _start_function_host(self) -> str:
        reloader = Reloader(
            self.logs,
            aws_endpoint=self.emulator.endpoint,
            publish=lambda plans: self.database.publish(load(plans)),
        )
        return self._running.enter_context(reloader).url

    @property
    def url(self) -> str:
        """The API's address. Routes follow it: `{url}/v1/projects`."""
        return f"{self.emulator.endpoint}/_aws/execute-api/{API_ID}"

    def recent_logs(self) -> str:
        """The functions' last lines, readable; for whoever has to explain a failure."""
        return "\n".join(render(line) for line in self._logged()[-_LAST_LINES:])

    def keep_logs(self, folder: Path) -> None:
        """All lines of all functions, as they are, and the emulator's, where they outlive this cloud."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "functions.log").write_text("".join(f"{line}\n" for line in self._logged()))
        shutil.copy(self.emulator.log, folder)

    def _logged(self) -> list[str]:
        return function_logs(self.emulator) if self.mode == "zips" else self.logs.file.read_text().splitlines()

    def require_alive(self) -> None:
        """Refuse to go on when something that we started has died."""
        for name, thing in (("PostgreSQL", self.postgres), ("The AWS emulator", self.emulator)):
            if not thing.is_alive():
                raise LocalError(f"{name} has ended by itself; its log is {thing.log}.")

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + _HEALTH_SECONDS
        answer = web.get(f"{self.url}/health")
        while answer.status != 200:  # noqa: PLR2004 -- OK
            self.require_alive()
            if time.monotonic() > deadline:
                body = answer.body.decode(errors="replace")
                print(self.recent_logs())
                raise LocalError(f"GET /health still answers {answer.status} {body}; the lines above say why.")
            time.sleep(0.2)
            answer = web.get(f"{self.url}/health")
