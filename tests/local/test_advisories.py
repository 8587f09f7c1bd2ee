"""Advisories are asked for everything that is locked, and what got no answer fails."""

import subprocess
import sys

from local.advisories import commands
from local.project import ROOT


class TestCommands:
    def test_cover_every_lock_file(self):
        locked = {path.stem for path in (ROOT / "requirements").glob("*.txt")}
        command = ["git", "-C", str(ROOT), "ls-files", "*package-lock.json"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True)
        packages = {line.split("/")[-2] for line in listed.stdout.splitlines()}
        assert packages
        assert set(dict(commands())) == locked | packages

    def test_count_what_could_not_be_asked_as_a_failure(self):
        assert all("--strict" in command for command in dict(commands()).values() if "pip-audit" in str(command[0]))

    def test_of_nothing_that_is_locked_is_a_sentence(self):
        command = [sys.executable, "-m", "local.advisories", "--only", "nothing"]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert said.returncode == 1
        assert "Nothing is locked as nothing: choose of advisories," in said.stderr
