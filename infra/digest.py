"""Digests of files and folders: what they say decides whether work can be skipped."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from infra.options import Options

_ALWAYS = (
    "app.py",
    "cdk.json",
    "functions/declaration.py",
    "functions/manifest.py",
    "infra",
    "requirements",
    ".python-version",
)
_WHEN_PACKAGED = ("functions", "layers")


def source_files(folder: Path) -> Iterator[Path]:
    """Every file below the folder in a fixed order, without caches and hidden files."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in inner):
            yield path


def digest(*words: str, paths: Iterable[Path] = (), root: Path) -> str:
    """Sixteen hexadecimal digits over the words and over the names (below root) and bytes of all files in the paths."""
    total = hashlib.sha256(json.dumps(words).encode())
    for path in paths:
        for file in source_files(path) if path.is_dir() else [path]:
            total.update(str(file.relative_to(root)).encode() + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]


def inputs_digest(root: Path, options: Options) -> str:
    """Over everything that the synthesized output depends on: as long as it stays, the output stays."""
    names = _ALWAYS if options.code == "placeholder" else _ALWAYS + _WHEN_PACKAGED
    paths = [root / name for name in names]
    chosen = (options.stage.name, options.architecture, options.code, options.stripe_source, options.repository)
    also = repr((options.origins, options.domain, options.silos, options.knows_github))
    words = (*chosen, also, migrations_digest(root))
    return digest(*words, paths=(path for path in paths if path.exists()), root=root)


def migrations_digest(root: Path) -> str:
    """Over every migration, what runs them, and the rules that they have to keep."""
    paths = [*sorted(root.glob("layers/*/**/migrations")), root / "layers/freehold/database/gate"]
    return digest(paths=[path for path in paths if path.exists()], root=root)
