"""The AWS emulator: one process on loopback, in an environment of its own, prepared as by `cdk bootstrap`."""

import shutil
import time
from pathlib import Path
from typing import Self

from local import aws
from local.errors import LocalError
from local.ports import LOOPBACK, free_port, require_free
from local.processes import Child, environment
from local.project import EMULATOR_PYTHON
from local.web import answers

_BOOTSTRAP = "hnb659fds"  # the qualifier of `cdk bootstrap`
_BOOTSTRAP_VERSION = "30"
ASSETS_BUCKET = f"cdk-{_BOOTSTRAP}-assets-{aws.ACCOUNT}-{aws.REGION}"
_START_SECONDS = 30


class Emulator:
    """An AWS account that exists until it is stopped. Everything that it and its functions write lies in `folder`."""

    def __init__(
        self, folder: Path, *, port: int = 0, python: Path = EMULATOR_PYTHON, choose: str = "another port"
    ) -> None:
        self.port = port or free_port()
        self.endpoint = f"http://{LOOPBACK}:{self.port}"
        self.log = folder / "emulator.log"
        self._folder = folder
        self._python = python
        self._choose = choose
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        self.wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it in the background."""
        require_free(self.port, what="the API", choose=self._choose)
        if not self._python.exists():
            raise LocalError("The AWS emulator is not installed; run `make setup`.")
        shutil.rmtree(self._folder, ignore_errors=True)
        (self._folder / "tmp").mkdir(parents=True)
        with self.log.open("wb") as log:
            self._child = Child(
                [self._python, "-m", "ministack"], output=log.fileno(), env=self._environment(), grace_seconds=2
            )

    def wait_until_ready(self) -> None:
        """Wait for its first answer, then bootstrap the account."""
        deadline = time.monotonic() + _START_SECONDS
        while not answers(f"{self.endpoint}/_ministack/health"):
            if not self.is_alive() or time.monotonic() > deadline:
                raise LocalError(f"The AWS emulator did not start on port {self.port}; its log is {self.log}.")
            time.sleep(0.02)
        self.put_parameter(f"/cdk-bootstrap/{_BOOTSTRAP}/version", _BOOTSTRAP_VERSION)
        aws.session().client("s3", **aws.at(self.endpoint)).create_bucket(Bucket=ASSETS_BUCKET)

    def is_alive(self) -> bool:
        """Whether it was started and has not ended."""
        return self._child is not None and self._child.exit_code() is None

    def put_parameter(self, name: str, value: str) -> None:
        """Write a parameter that stacks read when they deploy."""
        ssm = aws.session().client("ssm", **aws.at(self.endpoint))
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def stop(self) -> None:
        """End it with all its workers, which hold connections and would outlive it, and delete what it wrote."""
        if self._child:
            self._child.end()
            self._child = None
            shutil.rmtree(self._folder / "tmp", ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        return environment(
            **aws.CREDENTIALS,
            BIND_HOST=LOOPBACK,
            GATEWAY_PORT=str(self.port),
            IOT_MTLS_ENABLED="0",  # else it listens on 0.0.0.0:8883, whatever BIND_HOST says
            LAMBDA_EXECUTOR="local",
            LOG_LEVEL="WARNING",
            MINISTACK_HOST=LOOPBACK,
            MINISTACK_REGION=aws.REGION,
            PYTHONDONTWRITEBYTECODE="1",
            S3_DATA_DIR=str(self._folder / "tmp" / "s3"),
            STATE_DIR=str(self._folder / "tmp" / "state"),
            TMPDIR=str(self._folder / "tmp"),
        )
