"""What Lambda unpacks: three layers and one package per function folder, built into `build/`.

Each is named after a digest of its sources, so it is built once, a second synthesis finds it (also offline), and two
that run at the same time do not meet. The same sources give the same bytes: an edit changes the packages that it is in,
and no other.

    build/dependencies-lambda-arm64-<digest>/python/…   mounted at /opt
    build/layer-freehold-<digest>/python/freehold/…     mounted at /opt
    build/function-projects-<digest>/functions/…        mounted at /var/task
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.bytecode import compile_tree
from infra.digest import digest, migrations_digest, source_files
from infra.errors import SynthesisError
from infra.target import Target
from infra.wheels import install_wheels

_RECIPE = tuple(Path(__file__).with_name(name) for name in ("assets.py", "bytecode.py", "target.py", "wheels.py"))
_LAYER_MOUNT, _FUNCTION_MOUNT = "/opt", "/var/task"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Folders, each with the content of one zip file."""

    dependencies: Path
    freehold: Path
    product: Path
    functions: Mapping[str, Path]
    """By folder under functions/."""
    migrations: str
    """Digest of every migration: a deploy migrates when it is another one than last time."""


def build_assets(root: Path, *, target: Target, folders: Iterable[str]) -> Assets:
    """Build what has changed since the last time, find the rest."""
    return Assets(
        dependencies=_dependencies(root, target),
        freehold=_layer(root, "freehold"),
        product=_layer(root, "product"),
        functions={folder: _function(root, folder) for folder in sorted(set(folders))},
        migrations=migrations_digest(root),
    )


def placeholder_assets(root: Path, *, folders: Iterable[str]) -> Assets:
    """One almost empty folder for everything, for when handlers run from the working tree."""
    empty = root / "build" / "placeholder"
    empty.mkdir(parents=True, exist_ok=True)
    (empty / "placeholder.txt").write_text("Synthesized with `--code placeholder`: this runs from the working tree.\n")
    functions = dict.fromkeys(folders, empty)
    return Assets(
        dependencies=empty, freehold=empty, product=empty, functions=functions, migrations=migrations_digest(root)
    )


def _dependencies(root: Path, target: Target) -> Path:
    lock = _required(root / "requirements" / "runtime.txt", "run `make lock`")

    def fill(asset: Path) -> None:
        install_wheels(lock, into=asset / "python", target=target)

    name = f"dependencies-{'lambda' if target.wheels else sys.platform}-{target.architecture}"
    return _built(root, name, [lock], fill, mounted_at=_LAYER_MOUNT)


def _layer(root: Path, package: str) -> Path:
    source = _required(root / "layers" / package, "a layer needs a package")

    def fill(asset: Path) -> None:
        _copy([source], asset / "python", below=source.parent)

    return _built(root, f"layer-{package}", [source], fill, mounted_at=_LAYER_MOUNT)


def _function(root: Path, folder: str) -> Path:
    code = root / "functions"
    _required(code / folder / "handler.py", f"functions/manifest.py declares the folder {folder!r}")
    sources = [code / "__init__.py", code / folder]

    def fill(asset: Path) -> None:
        _copy(sources, asset, below=root)

    return _built(root, f"function-{folder}", sources, fill, mounted_at=_FUNCTION_MOUNT)


def _required(path: Path, advice: str) -> Path:
    if not path.exists():
        raise SynthesisError(f"{path} is missing: {advice}.")
    return path


def _built(root: Path, name: str, sources: list[Path], fill: Callable[[Path], None], *, mounted_at: str) -> Path:
    """The finished folder; filled beside its place and moved there, so that it is whole or absent."""
    build = root / "build"
    key = digest(name, sys.version, digest(paths=_RECIPE, root=_RECIPE[0].parent), paths=sources, root=root)
    finished = build / f"{name}-{key}"
    if not finished.is_dir():
        build.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=build) as scratch:
            asset = Path(scratch, "asset")
            fill(asset)
            compile_tree(asset, mounted_at=mounted_at)
            _make_readable(asset)
            with suppress(OSError):  # another synthesis was first, with the same bytes
                asset.rename(finished)
        _forget_earlier(finished, name)
    return finished


def _copy(sources: Iterable[Path], into: Path, *, below: Path) -> None:
    for source in sources:
        for file in source_files(source) if source.is_dir() else [source]:
            copy = into / file.relative_to(below)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


def _make_readable(folder: Path) -> None:
    """Lambda runs as another user: a strict umask here must not become an import error there."""
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _forget_earlier(finished: Path, name: str) -> None:
    for earlier in finished.parent.glob(f"{name}-{'[0-9a-f]' * 16}"):
        if earlier != finished:
            shutil.rmtree(earlier, ignore_errors=True)
