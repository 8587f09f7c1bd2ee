"""`python app.py`, as a person types it."""

import re
import subprocess
import sys
import time

import pytest

from infra.stage import STAGES
from tests.infra.conftest import ROOT, make_tree
from tests.infra.workers import FEW


def app(*arguments, **environment):
    """With nothing in its environment but what is given, it has no credentials either."""
    command = [sys.executable, "app.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def content(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder, and what was said about it by a process that knows nobody's credentials."""
    out, home = tmp_path_factory.mktemp("cdk.out"), tmp_path_factory.mktemp("home")
    return out, app("--stage", "launch", "--code", "placeholder", "--out", str(out), HOME=str(home))


class TestApp:
    def test_says_in_one_line_what_it_wrote(self, written):
        out, said = written
        assert (said.returncode, said.stderr) == (0, "")
        assert re.match(
            r"freehold-launch: network \d+, cell \d+, schema \d+, messaging \d+, delivery \d+, api \d+, workers \d+, "
            r"gateway \d+, monitoring \d+ resources in ",
            said.stdout,
        )
        assert said.stdout.endswith(f"written to {out}\n")
        assert said.stdout.count("\n") == 1

    def test_writes_the_same_bytes_from_another_process(self, written, synthesize, tmp_path):
        synthesize(ROOT, stage=STAGES["launch"], code="placeholder", out=tmp_path)
        first = content(written[0])
        assert first.pop("inputs.digest")
        assert content(tmp_path) == first

    def test_writes_the_same_bytes_packaged_in_another_folder(self, tree, synthesize, tmp_path):
        again = make_tree(tmp_path / "project")
        synthesize(tree, out=tmp_path / "first", manifest=FEW)
        synthesize(again, out=tmp_path / "second", manifest=FEW)
        assert content(tmp_path / "first") == content(tmp_path / "second")

    def test_skips_what_is_up_to_date(self, written):
        started = time.monotonic()
        said = app("--stage", "launch", "--code", "placeholder", "--out", str(written[0]), "--if-changed")
        assert "unchanged" in said.stdout
        assert time.monotonic() - started < 2  # loading CDK alone takes longer

    def test_refuses_an_unknown_stage_in_one_sentence(self):
        said = app("--stage", "production")
        assert said.returncode == 1
        assert (
            said.stderr
            == "There is no stage 'production': choose one of sandbox, launch, growth, scale, as in `--stage launch`.\n"
        )

    def test_helps_with_examples(self):
        assert "python app.py --stage launch" in app("--help").stdout
