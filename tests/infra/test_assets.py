"""Packages hold what Lambda needs, compiled once and for all; an edit changes the packages that it is in."""

import importlib.util
import io
import os
import py_compile
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.assets import build_assets, placeholder_assets
from infra.bytecode import compile_tree, require_python
from infra.digest import digest, source_files
from infra.errors import SynthesisError
from infra.target import GRAVITON, PYTHON, target_named
from infra.wheels import CALLED, install_command, prune
from tests.infra.conftest import ROOT, make_tree, write
from tests.infra.workers import FEW

LARGEST_DEPENDENCIES_MB = 80
LARGEST_ZIP_MB = 32
UNCHECKED_HASH = 0b01


def content(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def zipped_size(folder):
    """In bytes; a deploy packs it more slowly, and no larger."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, body in content(folder).items():
            archive.writestr(str(name), body)
    return len(packed.getvalue())


def modules_that_lambda_would_compile_again(folder):
    """Sources without bytecode, and bytecode that is validated by time or made by another Python."""
    expected = importlib.util.MAGIC_NUMBER + UNCHECKED_HASH.to_bytes(4, "little")
    caches = [(source, Path(importlib.util.cache_from_source(str(source)))) for source in folder.rglob("*.py")]
    stale = [source for source, cache in caches if not (cache.is_file() and cache.read_bytes()[:8] == expected)]
    return stale + [cache for cache in folder.rglob("*.pyc") if sys.implementation.cache_tag not in cache.name]


def changed_packages(before, after):
    """Names of the resources whose zip differs."""
    keys = [
        {name: zip_of(found["Properties"]) for stack in each.values() for name, found in stack["Resources"].items()}
        for each in (before, after)
    ]
    return [name for name in keys[0].keys() & keys[1].keys() if keys[0][name] != keys[1][name]]


def zip_of(properties):
    return (properties.get("Code") or properties.get("Content") or {}).get("S3Key")


@pytest.fixture
def own_tree(tmp_path):
    return make_tree(tmp_path / "project")


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    root = make_tree(tmp_path_factory.mktemp("project"))
    return build_assets(root, target=GRAVITON, folders=["projects", "health"])


@pytest.fixture(scope="module")
def dependencies():
    """The real layer for this machine: its wheels are the ones that the environment itself was installed from."""
    return build_assets(ROOT, target=target_named("host"), folders=[]).dependencies


class TestFunctionPackage:
    def test_holds_its_own_folder_and_no_other(self, assets):
        sources = {str(path) for path in content(assets.functions["projects"]) if path.suffix == ".py"}
        assert sources == {"functions/__init__.py", "functions/projects/handler.py"}

    def test_names_modules_in_tracebacks_as_lambda_mounts_them(self, assets):
        [cache] = (assets.functions["projects"] / "functions" / "projects").rglob("*.pyc")
        assert b"/var/task/functions/projects/handler.py" in cache.read_bytes()

    def test_is_readable_for_the_user_that_lambda_runs_as(self, own_tree):
        (own_tree / "functions" / "health" / "handler.py").chmod(0o600)
        built = build_assets(own_tree, target=GRAVITON, folders=["health"]).functions["health"]
        assert {file.stat().st_mode & 0o777 for file in built.rglob("*") if file.is_file()} == {0o644}

    def test_without_a_handler_is_refused_in_one_sentence(self, own_tree):
        with pytest.raises(SynthesisError, match=r"absent/handler\.py is missing: functions/manifest\.py declares"):
            build_assets(own_tree, target=GRAVITON, folders=["absent"])

    def test_that_does_not_compile_is_refused_with_the_line(self, own_tree):
        write(own_tree / "functions" / "health" / "handler.py", "def handler(:\n")
        with pytest.raises(SynthesisError, match="def handler"):
            build_assets(own_tree, target=GRAVITON, folders=["health"])
        assert not list((own_tree / "build").glob("function-health-*"))


class TestLayer:
    def test_keeps_what_is_not_python(self, assets):
        files = {str(path) for path in content(assets.freehold)}
        assert {"python/freehold/py.typed", "python/freehold/database/migrations/0001_first.pre.sql"} <= files

    def test_leaves_caches_and_hidden_files_behind(self, own_tree):
        write(own_tree / "layers" / "product" / "__pycache__" / "old.cpython-312.pyc", "")
        write(own_tree / "layers" / "product" / ".DS_Store", "")
        built = build_assets(own_tree, target=GRAVITON, folders=[]).product
        assert {path.name for path in content(built)} == {"__init__.py", f"__init__.{sys.implementation.cache_tag}.pyc"}


class TestBytecode:
    def test_is_taken_as_it_is(self, assets, dependencies):
        for folder in (assets.freehold, assets.product, *assets.functions.values(), dependencies):
            assert modules_that_lambda_would_compile_again(folder) == []

    def test_of_another_kind_would_be_found(self, tmp_path):
        write(tmp_path / "module.py", "")
        assert modules_that_lambda_would_compile_again(tmp_path) == [tmp_path / "module.py"]
        py_compile.compile(str(tmp_path / "module.py"), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
        assert modules_that_lambda_would_compile_again(tmp_path) == [tmp_path / "module.py"]
        compile_tree(tmp_path, mounted_at="/opt")
        write(tmp_path / "__pycache__" / "module.cpython-312.pyc", "")
        assert [path.name for path in modules_that_lambda_would_compile_again(tmp_path)] == ["module.cpython-312.pyc"]

    def test_is_the_same_wherever_it_is_built(self, assets, own_tree):
        again = build_assets(own_tree, target=GRAVITON, folders=["projects"])
        assert content(again.functions["projects"]) == content(assets.functions["projects"])
        assert content(again.product) == content(assets.product)

    def test_by_another_python_is_refused(self):
        with pytest.raises(SynthesisError, match=r"this is Python 3\.12\. Run `make setup`"):
            require_python((3, 12))

    def test_is_for_the_python_that_the_project_uses(self):
        assert (ROOT / ".python-version").read_text().strip() == PYTHON


class TestDependencies:
    def test_for_lambda_are_locked_wheels_for_graviton(self):
        command = " ".join(install_command(Path("runtime.txt"), into=Path("asset"), target=GRAVITON))
        assert "--python-platform aarch64-manylinux_2_28" in command
        assert f"--require-hashes --only-binary :all: --python-version {PYTHON}" in command

    def test_hold_no_tests_and_stay_small(self, dependencies):
        assert [path for path in dependencies.rglob("tests") if path.is_dir()] == []
        megabytes = sum(len(body) for body in content(dependencies).values()) / 1e6
        assert megabytes < LARGEST_DEPENDENCIES_MB
        assert zipped_size(dependencies) / 1e6 < LARGEST_ZIP_MB

    def test_describe_no_service_of_aws_that_nobody_calls(self, dependencies):
        described = {path.name for path in (dependencies / "python" / "botocore" / "data").iterdir() if path.is_dir()}
        assert described == CALLED

    def test_that_are_larger_would_be_found(self, tmp_path):
        (tmp_path / "noise").write_bytes(os.urandom(1000))
        assert zipped_size(tmp_path) >= 1000

    def test_are_pruned_of_tests_and_records_but_keep_what_metadata_needs(self, tmp_path):
        unused = [
            "bin/tool",
            "package/tests/test_it.py",
            "package-1.dist-info/RECORD",
            "package-1.dist-info/licenses/L",
            "botocore/data/ec2/2016-11-15/service-2.json.gz",
        ]
        used = [
            "botocore/data/endpoints.json",
            "botocore/data/s3/2006-03-01/service-2.json.gz",
            "package/data.json",
            "package-1.dist-info/METADATA",
            "package-1.dist-info/entry_points.txt",
        ]
        for name in [*unused, *used]:
            write(tmp_path / name, "")
        prune(tmp_path)
        assert sorted(str(path) for path in content(tmp_path)) == sorted(used)

    def test_describe_each_service_of_aws_that_code_has_a_client_of(self):
        code = [file.read_text() for folder in ("functions", "layers") for file in (ROOT / folder).rglob("*.py")]
        assert {name for text in code for name in re.findall(r'\bclient\("(\w+)"', text)} == CALLED

    def test_work_with_nothing_else_installed(self, dependencies):
        libraries = "aws_lambda_powertools, cryptography.fernet, fastapi, jwt, mangum, psycopg, pydantic"
        program = f"import sys; sys.path.append(sys.argv[1]); import {libraries}; print(psycopg.pq.__impl__)"
        command = [sys.executable, "-I", "-S", "-c", program, str(dependencies / "python")]
        assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "binary\n"

    def test_that_cannot_be_installed_are_refused_with_uvs_reason(self, own_tree):
        write(own_tree / "requirements" / "runtime.txt", "fastapi\n")
        with pytest.raises(SynthesisError, match=r"could not be installed for aarch64-manylinux_2_28"):
            build_assets(own_tree, target=GRAVITON, folders=[])


class TestEdit:
    def test_of_a_function_changes_its_package_alone(self, packaged, own_tree, synthesize):
        write(own_tree / "functions" / "projects" / "handler.py", "def handler(event, context):\n    return 'new'\n")
        [changed] = changed_packages(packaged, synthesize(own_tree, manifest=FEW))
        assert changed.startswith("ProjectsFunction")

    def test_of_freehold_changes_its_layer_alone(self, packaged, own_tree, synthesize):
        write(own_tree / "layers" / "freehold" / "clock.py", "import time\n")
        changed = changed_packages(packaged, synthesize(own_tree, manifest=FEW))
        assert {name.partition("Freehold")[0] for name in changed} == {"Packages"}

    def test_nothing_edited_changes_nothing(self, packaged, own_tree, synthesize):
        assert synthesize(own_tree, manifest=FEW) == packaged

    def test_of_anything_leaves_placeholders_alone(self, own_tree):
        before = content(placeholder_assets(own_tree, folders=["projects"]).functions["projects"])
        write(own_tree / "functions" / "projects" / "handler.py", "")
        assert content(placeholder_assets(own_tree, folders=["projects"]).functions["projects"]) == before

    def test_replaces_the_earlier_build_and_a_second_build_does_nothing(self, own_tree):
        first = build_assets(own_tree, target=GRAVITON, folders=["health"]).functions["health"]
        write(own_tree / "functions" / "health" / "handler.py", "")
        second = build_assets(own_tree, target=GRAVITON, folders=["health"]).functions["health"]
        assert not first.exists()
        os.utime(second, (0, 0))
        assert build_assets(own_tree, target=GRAVITON, folders=["health"]).functions["health"].stat().st_mtime == 0


class TestDigest:
    def test_sees_names_and_bytes_but_no_caches(self, tmp_path):
        write(tmp_path / "a.py", "1")
        before = digest(paths=[tmp_path], root=tmp_path)
        write(tmp_path / "__pycache__" / "a.pyc", "")
        assert digest(paths=[tmp_path], root=tmp_path) == before
        (tmp_path / "a.py").rename(tmp_path / "b.py")
        assert digest(paths=[tmp_path], root=tmp_path) != before

    def test_goes_through_files_in_a_fixed_order(self, tmp_path):
        for name in ("b", "a/c", "a/b"):
            write(tmp_path / name, "")
        assert [str(path.relative_to(tmp_path)) for path in source_files(tmp_path)] == ["a/b", "a/c", "b"]
