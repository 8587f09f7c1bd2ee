"""A module without valid bytecode is found out, however it lost it."""

import compileall
import os
import subprocess
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

from benchmarks.cold_start import compiled_modules
from benchmarks.harness.packages import python
from benchmarks.harness.runtime_api import FunctionFailed


def loaded_from_source(folder: Path) -> list[str]:
    said = subprocess.run(
        [python(), "-S", "-v", "-c", "import planted"],
        env={"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=True,
    ).stderr
    return compiled_modules(said, [folder])


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    (tmp_path / "planted.py").write_text("x = 1\n")
    return tmp_path


def test_without_bytecode_it_is_counted(planted: Path):
    assert loaded_from_source(planted) == [str(planted / "planted.py")]


def test_with_bytecode_that_is_taken_as_it_is_it_is_not(planted: Path):
    compileall.compile_dir(planted, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    os.utime(planted / "planted.py", (315_532_800, 315_532_800))
    assert loaded_from_source(planted) == []


def test_with_bytecode_of_another_time_as_in_a_zip_of_cdk_it_is_counted(planted: Path):
    compileall.compile_dir(planted, quiet=1, invalidation_mode=PycInvalidationMode.TIMESTAMP)
    os.utime(planted / "planted.py", (315_532_800, 315_532_800))
    assert loaded_from_source(planted) == [str(planted / "planted.py")]


def test_modules_elsewhere_are_not_ours_to_count():
    said = b"# code object from /a/compiled.py\n# code object from '/b/__pycache__/loaded.cpython-313.pyc'\n"
    assert compiled_modules(said, [Path("/b")]) == []


def test_a_silent_python_proves_nothing():
    with pytest.raises(FunctionFailed):
        compiled_modules(b"", [Path("/b")])
