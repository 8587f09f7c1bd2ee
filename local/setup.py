"""Make the project's environments: `.venv` for the product and its tools, `.freehold/emulator` for the AWS emulator.

Any Python from 3.8 on runs this file by its path, with nothing installed: that is the whole bootstrap. Hence only the
standard library, no import of ours, and no syntax that is younger. A second run compares one stamp and is done.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Sequence  # noqa: UP035 -- Python 3.8 cannot subscript the other one

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".freehold"
BOOTSTRAP = STATE / "bootstrap"
VENV = ROOT / ".venv"
EMULATOR = STATE / "emulator"
STAMP = STATE / "setup.stamp"
LOG = STATE / "setup.log"
REQUIREMENTS = ROOT / "requirements"

OLDEST = (3, 8)
SIGN_OF_LIFE_SECONDS = 10
# Settings of the caller's shell that would make pip, venv or uv write elsewhere; index and proxy settings stay.
MISLEADING = {
    *("CONDA_PREFIX", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH"),
    *("PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_ROOT", "PIP_TARGET", "PIP_USER"),
    *("UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_SYSTEM_PYTHON"),
}

NO_FOLDER = "{} cannot be written ({}); make it writable for this user, or clone the project elsewhere."
NO_VENV = (
    "{} has no working venv module; install it (Debian and Ubuntu: apt install python3-venv) "
    "or name another Python: make PYTHON=/path/to/python3."
)
NO_PYTHON = (
    "Python {} was not found and could not be downloaded; install it (uv, pyenv, apt or brew have it) "
    "or name it: make PYTHON=/path/to/python{}."
)
NO_NETWORK = "The packages could not be downloaded; check the network, the proxy and the package index, then try again."
UNKNOWN = "Set-up failed while it was busy with: {}. What the tools printed is in {}."
OFFLINE_WORDS = (
    "dns error",
    "error sending request",
    "failed to establish a new connection",
    "failed to fetch",
    "from versions: none",
    "max retries exceeded",
    "name resolution",
    "network is unreachable",
    "timed out",
)


class SetupError(Exception):
    """One sentence that says what to do."""


def main() -> int:
    """Bring the environments up to date; the exit code."""
    if sys.version_info < OLDEST:
        return refuse("Set-up needs Python 3.8 or newer; name one: make PYTHON=/path/to/python3.")
    try:
        set_up(wanted())
    except SetupError as error:
        return refuse(str(error))
    except OSError as error:
        return refuse(f"{error.filename} cannot be used ({error.strerror}): give it to this user, or delete it.")
    except KeyboardInterrupt:
        return 130
    return 0


def refuse(sentence: str) -> int:
    """Say why; the exit code."""
    sys.stderr.write(f"error: {sentence}\n")
    return 1


def set_up(fingerprint: str) -> None:
    """Do nothing where the stamp says that all is there; otherwise all steps, each of which is quick when repeated."""
    if is_current(fingerprint):
        return
    require_writable(ROOT)
    require_writable(STATE)
    STAMP.unlink(missing_ok=True)
    LOG.write_text("")
    print("Setting up (once; later runs take no time):", flush=True)
    make_bootstrap()
    version = (ROOT / ".python-version").read_text().strip()
    make_environment(VENV, REQUIREMENTS / "dev.txt", python=interpreter(version), what="the product and its tools")
    make_importable(VENV, [ROOT, ROOT / "layers"])
    make_command(VENV / "bin" / "freehold")
    make_environment(EMULATOR, REQUIREMENTS / "emulator.txt", python=str(VENV / "bin" / "python"), what="the emulator")
    STAMP.write_text(fingerprint)


def wanted() -> str:
    """A digest of everything that decides what the environments hold, this project's place included."""
    files = [ROOT / ".python-version", Path(__file__), *sorted(REQUIREMENTS.glob("*.txt"))]
    digest = hashlib.sha256(os.fsencode(str(ROOT)))
    for file in files:
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def is_current(fingerprint: str) -> bool:
    """Whether the stamp matches and the interpreters are still there."""
    there = all((folder / "bin" / "python").exists() for folder in (VENV, EMULATOR))
    return there and STAMP.exists() and STAMP.read_text() == fingerprint


def require_writable(folder: Path) -> None:
    """Try it: rights alone do not tell about a read-only or full disk."""
    probe = folder / ".writable"
    try:
        folder.mkdir(exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise SetupError(NO_FOLDER.format(folder, error.strerror)) from None


def make_bootstrap() -> None:
    """A small environment that holds uv, which makes the others."""
    python = BOOTSTRAP / "bin" / "python"
    if not (BOOTSTRAP / "bin" / "pip").exists() or not python.exists():
        shutil.rmtree(str(BOOTSTRAP), ignore_errors=True)
        command = [sys.executable, "-m", "venv", str(BOOTSTRAP)]
        run("a place for uv", command, otherwise=NO_VENV.format(sys.executable))
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    run("uv", [*pip, "-r", str(REQUIREMENTS / "uv.txt")])


def interpreter(version: str) -> str:
    """The Python that runs this, where it is the right one; otherwise uv looks for one, or downloads it."""
    running = "{}.{}".format(*sys.version_info)
    return sys.executable if running == version else version


def make_environment(folder: Path, requirements: Path, *, python: str, what: str) -> None:
    """An environment with exactly what the lock file names, and nothing else."""
    uv = str(BOOTSTRAP / "bin" / "uv")
    version = (ROOT / ".python-version").read_text().strip()
    if not is_environment(folder, version):
        command = [uv, "venv", "--clear", "--no-project", "--python", python, str(folder)]
        run(f"Python {version} for {what}", command, otherwise=NO_PYTHON.format(version, version))
    sync = [uv, "pip", "sync", "--require-hashes", "--python", str(folder / "bin" / "python"), str(requirements)]
    run(f"packages for {what}", sync)


def make_importable(folder: Path, paths: Sequence[Path]) -> None:
    """Let the environment import the project from anywhere, as an editable install would."""
    for site in folder.glob("lib/python*/site-packages"):
        (site / "freehold.pth").write_text("".join(f"{path}\n" for path in paths))


def make_command(file: Path) -> None:
    """The command `freehold`, for whoever has the environment on their path."""
    file.write_text(f'#!/bin/sh\nexec "{VENV}/bin/python" -P -m local.commands "$@"\n')
    file.chmod(0o755)


def is_environment(folder: Path, version: str) -> bool:
    """Whether a working environment of that Python version is there."""
    python = str(folder / "bin" / "python")
    print_version = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run(  # noqa: UP022 -- spelled for Python 3.8
            [python, "-I", "-c", print_version], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False
        )
    except OSError:
        return False
    return answer.stdout.decode().strip() == version


def run(what: str, command: Sequence[str], *, otherwise: str = "") -> None:
    """Run one step with a line of progress; where it fails, `otherwise` or the likely reason is the error."""
    begin = time.monotonic()
    env = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    with LOG.open("ab") as log:
        position = log.tell()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, cwd=str(ROOT))
        code = wait(process, what, begin)
    if code:
        raise SetupError(reason(LOG.read_bytes()[position:].decode(errors="replace"), what, otherwise))
    print(f"  {what:<56}{time.monotonic() - begin:6.1f} s", flush=True)


def wait(process: subprocess.Popen[bytes], what: str, begin: float) -> int:
    """The exit code; says that it is still busy every now and then, and ends it with us."""
    try:
        while True:
            try:
                return process.wait(timeout=SIGN_OF_LIFE_SECONDS)
            except subprocess.TimeoutExpired:
                print(f"  {what} … {time.monotonic() - begin:.0f} s", flush=True)
    except BaseException:
        process.terminate()
        process.wait()
        raise


def reason(printed: str, what: str, otherwise: str) -> str:
    """The sentence for a step that failed."""
    if otherwise:
        return otherwise
    if any(word in printed.lower() for word in OFFLINE_WORDS):
        return NO_NETWORK
    return UNKNOWN.format(what, LOG)


if __name__ == "__main__":
    sys.exit(main())
