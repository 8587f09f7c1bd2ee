"""The dependency layer's content: locked wheels for another machine, without Docker."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from infra.errors import SynthesisError
from infra.target import PYTHON, Target

_READ_AT_RUN_TIME = {"METADATA", "entry_points.txt"}
"""What `importlib.metadata` needs: psycopg asks for its version, OpenTelemetry and pydantic for entry points."""

CALLED = {"cloudwatch", "codedeploy", "events", "lambda", "s3", "sesv2", "sqs"}
"""The services of AWS that functions have clients of. botocore describes four hundred, in half of all the files."""


def install_wheels(requirements: Path, *, into: Path, target: Target) -> None:
    """Install exactly what is locked, checked by hash, and remove what Lambda never reads."""
    command = install_command(requirements, into=into, target=target)
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode:
        raise SynthesisError(
            f"The locked dependencies could not be installed for {target.wheels or 'this machine'}; "
            f"this needs the network once. uv says:\n{finished.stderr.strip()}"
        )
    prune(into)


def install_command(requirements: Path, *, into: Path, target: Target) -> list[str]:
    """The arguments of uv. manylinux2014 instead of 2_28 would silently choose an older psycopg."""
    platform = ["--python-platform", target.wheels] if target.wheels else []
    wheels = ["--require-hashes", "--only-binary", ":all:", "--python-version", PYTHON, *platform]
    place = ["--target", str(into), "--python", sys.executable, "--link-mode", "copy"]
    return [*_uv(), "pip", "install", "--quiet", *wheels, *place, "-r", str(requirements)]


def prune(folder: Path) -> None:
    """Remove test suites, console scripts, the installer's own records, and services of AWS that nobody calls.

    Of Stripe's client, the parameters' types: four fifths of it, for type checkers alone.
    """
    services = {path for path in folder.glob("botocore/data/*/") if path.name not in CALLED}
    for unused in [
        folder / "bin",
        folder / "stripe/params",
        *services,
        *folder.rglob("tests"),
        *folder.rglob("__pycache__"),
    ]:
        shutil.rmtree(unused, ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)
    for record in folder.glob("*.dist-info/*"):
        if record.is_dir():
            shutil.rmtree(record)
        elif record.name not in _READ_AT_RUN_TIME:
            record.unlink()


def _uv() -> list[str]:
    if find_spec("uv"):
        return [sys.executable, "-m", "uv"]
    if on_path := shutil.which("uv"):
        return [on_path]
    raise SynthesisError("The dependency layer is installed by uv, which is missing: run `make setup`.")
