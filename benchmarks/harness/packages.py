"""The packages that cold starts are measured with: ours as they deploy, and the naive application as CDK packs it.

CDK installs with pip, which compiles; the zip then sets every file's time to 1980, so that no bytecode is ever valid
and each cold start compiles again. Each package is built once into `build/`, named after a digest of its sources.
"""

import compileall
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from types import MappingProxyType

from benchmarks.figures import Skipped
from benchmarks.harness.runtime_api import Package
from infra.assets import Assets, build_assets
from infra.digest import digest
from infra.target import host_target
from local.project import ROOT

NAIVE, RUNTIME_CLIENT = ROOT / "requirements" / "naive.txt", ROOT / "requirements" / "runtime-client.txt"
FOLDERS = ("projects", "health", "stripe_webhook")
_1980 = 315_532_800  # seconds; the earliest time that a zip can name


@dataclass(frozen=True, slots=True)
class Packages:
    """Everything that was built. `runtime` is what Lambda's own image holds beside a function."""

    assets: Assets
    naive: Path
    runtime: Path

    def ours(self, folder: str, conninfo: str, told: Mapping[str, str] = MappingProxyType({})) -> Package:
        """One function folder with its layers; `told` is what it is told besides."""
        assets = self.assets
        return Package(
            python=python(),
            handler=f"functions.{folder}.handler.handler",
            root=assets.functions[folder],
            path=[*(part / "python" for part in (assets.dependencies, assets.freehold, assets.product)), self.runtime],
            env={"FREEHOLD_DATABASE": conninfo, "FREEHOLD_STAGE": "bench", **told},
        )

    def usual(self, conninfo: str) -> Package:
        """The naive application."""
        return Package(
            python=python(), handler="handler.handler", root=self.naive, path=[self.runtime], env={"DATABASE": conninfo}
        )


def build() -> Packages:
    """Build what is missing. Raises Skipped where Lambda's runtime client does not run."""
    if sys.platform != "linux":
        raise Skipped("Lambda's runtime client runs on Linux only")
    return Packages(
        assets=build_assets(ROOT, target=host_target(platform.machine()), folders=FOLDERS),
        naive=_built("naive", NAIVE, _as_cdk_packs_it),
        runtime=_built("runtime-client", RUNTIME_CLIENT, _as_an_image_holds_it),
    )


def python() -> Path:
    """The interpreter that the environment was made from, which knows nothing of the environment."""
    return Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


def _as_cdk_packs_it(folder: Path) -> None:
    shutil.copy(ROOT / "benchmarks" / "naive" / "handler.py", folder)
    compileall.compile_dir(folder, quiet=1, invalidation_mode=PycInvalidationMode.TIMESTAMP)
    for path in folder.rglob("*"):
        os.utime(path, (_1980, _1980))


def _as_an_image_holds_it(folder: Path) -> None:
    compileall.compile_dir(folder, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)


def _built(name: str, lock: Path, finish: Callable[[Path], None]) -> Path:
    sources = [lock, ROOT / "benchmarks" / "naive" / "handler.py", Path(__file__)]
    finished = ROOT / "build" / f"bench-{name}-{digest(sys.version, paths=sources, root=ROOT)}"
    if not finished.is_dir():
        finished.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=finished.parent) as scratch:
            folder = Path(scratch) / "package"
            _install(lock, folder)
            finish(folder)
            folder.rename(finished)
    return finished


def _install(lock: Path, folder: Path) -> None:
    hashes = ["--require-hashes", "--only-binary", ":all:"]
    place = ["--target", str(folder), "--python", sys.executable, "--link-mode", "copy"]
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", *hashes, *place, "-r", str(lock)]
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode:
        reason = finished.stderr.strip()[-200:]
        raise Skipped(f"{lock.name} could not be installed, which needs the network once: {reason}")
