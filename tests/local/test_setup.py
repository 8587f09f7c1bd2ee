"""Set-up from nothing but a Python: each thing that can be missing is one sentence."""

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local import setup as set_up
from local.project import ROOT

UV_FINDS_NO_PYTHON = "error: No interpreter found for Python 3.13 in managed installations or search path"
UV_IS_OFFLINE = "error: Request failed after 3 retries: Failed to fetch: `https://registry.example/boto3/`: dns error"


@pytest.fixture
def project(tmp_path):
    """A project with the files that set-up reads, and a bootstrap that seems to be there."""
    (tmp_path / "local").mkdir()
    shutil.copy(ROOT / "local" / "setup.py", tmp_path / "local")
    shutil.copy(ROOT / ".python-version", tmp_path)
    (tmp_path / "requirements").mkdir()
    for name in ("uv", "dev", "emulator"):
        (tmp_path / "requirements" / f"{name}.txt").touch()
    return tmp_path


def install_stand_ins(project: Path, *, uv: str) -> None:
    """A pip that installs nothing, and a uv that is a shell script."""
    programs = {"python": "exit 0", "pip": "exit 0", "uv": uv}
    folder = project / ".freehold" / "bootstrap" / "bin"
    folder.mkdir(parents=True)
    for name, body in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)


def run(project, *, pretend: str = "pass", **environment):
    """`pretend` is Python that runs first in the same process."""
    code = f"import runpy, sys; {pretend}; runpy.run_path('local/setup.py', run_name='__main__')"
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(
        command, cwd=project, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def sentence(result) -> str:
    assert result.returncode == 1
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert result.stderr.rstrip().endswith(".")
    return result.stderr


class TestSentences:
    def test_no_venv_module(self, project):
        pretend = f"sys.executable = {shutil.which('false')!r}"
        assert "apt install python3-venv" in sentence(run(project, pretend=pretend))

    def test_no_python(self, project):
        install_stand_ins(project, uv=f"echo '{UV_FINDS_NO_PYTHON}' >&2; exit 2")
        assert "make PYTHON=/path/to/python3.13" in sentence(run(project))

    def test_no_network(self, project):
        install_stand_ins(project, uv=f'[ "$1" = venv ] || {{ echo "{UV_IS_OFFLINE}" >&2; exit 1; }}')
        assert "check the network" in sentence(run(project))

    def test_anything_else_names_the_log(self, project):
        install_stand_ins(project, uv='[ "$1" = venv ] || { echo boom >&2; exit 1; }')
        assert str(project / ".freehold" / "setup.log") in sentence(run(project))
        assert (project / ".freehold" / "setup.log").read_text() == "boom\n"

    def test_a_folder_that_cannot_be_written(self, project):
        (project / ".freehold").write_text("in the way")
        assert "cannot be written" in sentence(run(project))

    @pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
    def test_a_project_of_somebody_else(self, project):
        project.chmod(0o500)
        assert f"{project} cannot be written" in sentence(run(project))

    def test_a_python_that_is_too_old(self, project):
        assert "3.8 or newer" in sentence(run(project, pretend="sys.version_info = (3, 6, 9)"))


class TestEnvironment:
    def test_what_would_mislead_pip_and_uv_is_not_handed_on(self, project):
        misleading = dict.fromkeys(set_up.MISLEADING, "/nowhere")
        install_stand_ins(project, uv='env >"$0.env"; exit 1')
        run(project, PIP_INDEX_URL="https://mirror.test/simple", **misleading)
        seen = (project / ".freehold" / "bootstrap" / "bin" / "uv.env").read_text()
        assert "PIP_INDEX_URL=https://mirror.test/simple" in seen
        assert not any(f"{name}=" in seen for name in misleading)


class TestSecondRun:
    def test_does_nothing(self, project):
        for folder in (".venv", ".freehold/emulator"):
            (project / folder / "bin").mkdir(parents=True)
            (project / folder / "bin" / "python").symlink_to(sys.executable)
        pretend = "ns = runpy.run_path('local/setup.py'); ns['STAMP'].write_text(ns['wanted']())"
        run(project, pretend=pretend)
        begin = time.monotonic()
        result = run(project)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert time.monotonic() - begin < 0.5

    def test_a_changed_lock_file_is_noticed(self, project):
        install_stand_ins(project, uv="exit 1")
        for folder in (".venv", ".freehold/emulator"):
            (project / folder / "bin").mkdir(parents=True)
            (project / folder / "bin" / "python").symlink_to(sys.executable)
        run(project, pretend="ns = runpy.run_path('local/setup.py'); ns['STAMP'].write_text(ns['wanted']())")
        (project / "requirements" / "dev.txt").write_text("more==1")
        assert "Setting up" in run(project).stdout


class TestFile:
    def test_python_3_8_can_read_it(self):
        ast.parse((ROOT / "local" / "setup.py").read_text(), feature_version=(3, 8))

    def test_no_module_beside_it_hides_one_of_pythons(self):
        """Running a file by its path puts its folder first."""
        assert not {path.stem for path in (ROOT / "local").glob("*.py")} & sys.stdlib_module_names
