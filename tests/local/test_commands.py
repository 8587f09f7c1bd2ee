"""The command `freehold`: each of its words says what it does, and `make` knows it too."""

import importlib
import subprocess
import sys

import pytest

from local.commands import COMMANDS
from local.project import ROOT
from tests.local.command_help import help_of


def freehold(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.commands", *words], capture_output=True, text=True, check=False, cwd=ROOT
    )


class TestCommand:
    def test_lists_its_words(self):
        listed = freehold("--help").stdout
        assert [word for word in COMMANDS if f"freehold {word}" not in listed] == []

    def test_alone_lists_them_too(self):
        assert freehold().stdout == freehold("--help").stdout

    def test_that_is_unknown_says_where_to_look(self):
        asked = freehold("nonsense")
        assert asked.returncode == 2
        assert "`freehold --help`" in asked.stderr

    @pytest.mark.parametrize("word", COMMANDS)
    def test_each_has_help_under_the_name_that_was_typed(self, word):
        assert help_of(word).startswith(f"usage: freehold {word}")

    def test_helps_from_a_terminal_too(self):
        asked = freehold("cost", "--help")
        assert asked.returncode == 0, asked.stderr
        assert asked.stdout.startswith("usage: freehold cost")

    @pytest.mark.parametrize("word", COMMANDS)
    def test_each_leads_to_a_command(self, word):
        assert callable(importlib.import_module(COMMANDS[word][0]).main)

    def test_is_where_setup_puts_it(self):
        file = ROOT / ".venv/bin/freehold"
        assert "local.commands" in file.read_text()
        assert file.stat().st_mode & 0o111


class TestMake:
    def test_has_the_same_words(self):
        rules = (ROOT / "Makefile").read_text()
        assert [word for word in COMMANDS if f"\n{word}: setup ##" not in rules] == []
