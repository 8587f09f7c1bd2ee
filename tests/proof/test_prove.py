"""The command: what `make test` includes of it, and what it prints."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from local.project import ROOT
from proof import report
from proof.database.planting import holes
from proof.families import FAMILIES
from proof.found import Found, Verdict
from proof.http.planting import holes as holes_over_http
from proof.runner import run
from proof.tally import Tally
from proof.workers.planting import holes as holes_in_workers


def prove(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "proof", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


class TestIsolation:
    def test_nothing_leaks(self):
        """Over HTTP and behind the queues: see test_http.py and test_workers.py, which try no less."""
        families = [family for family in FAMILIES if family.quick and family.name not in {"http", "workers"}]
        found = run(families, lambda *_: None, quick=True)
        assert report.passed(found), "\n".join([*report.lines(found), report.summary(found)])
        assert found.tally.probes["tables"] > 10 * 14 * 5 * 6
        assert found.tally.probes["functions"] > 1500


class TestCommand:
    def test_prints_json_and_nothing_else_and_says_what_it_did_in_its_last_line(self):
        done = prove("--only", "gate", "--json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["leaks"] == []
        assert re.fullmatch(r"prove: \d+ probes, 0 leaks, mutants 0/0 killed", done.stderr.splitlines()[-1])

    def test_lists_its_families(self):
        assert [line.split()[0] for line in prove("--list").stdout.splitlines()] == [family.name for family in FAMILIES]

    def test_plants_the_hole_that_is_named(self):
        done = prove("--holes", "wrong_permission")
        assert done.returncode == 0
        assert done.stdout.splitlines()[-1] == "prove: 0 probes, 0 leaks, mutants 1/1 killed"

    def test_refuses_what_it_does_not_know(self):
        assert prove("--only", "nonsense").returncode == 2
        assert prove("--holes", "nonsense").returncode == 2

    def test_leaves_nothing_running_when_it_is_killed(self):
        command = [sys.executable, "-m", "proof", "--only", "tables"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT) as running:
            servers = _wait_for_a_server(running.pid)
            os.kill(running.pid, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while any(_is_alive(server) for server in servers) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert [server for server in servers if _is_alive(server)] == []


class TestReport:
    FOUND = Found(Tally(), [Verdict("a", "A.", ("gate: x", "tables: y")), Verdict("b", "B.", ())])

    def test_a_hole_that_nothing_notices_fails_it(self):
        assert not report.passed(self.FOUND)
        assert report.summary(self.FOUND) == "prove: 0 probes, 0 leaks, mutants 1/2 killed"

    def test_a_probe_that_could_find_nothing_fails_it(self):
        unarmed = Found(Tally(unarmed=["select on app.x"]))
        assert not report.passed(unarmed)
        assert "1 unarmed" in report.summary(unarmed)

    def test_the_page_shows_the_last_results(self):
        results = json.loads(report.RESULTS.read_text())
        assert report.page_with(results, report.PAGE.read_text()) == report.PAGE.read_text(), "run `make prove`"

    def test_the_last_results_are_about_every_hole_that_there_is(self):
        results = json.loads(report.RESULTS.read_text())
        planted = (
            {hole.name for hole in holes()}
            | {hole.name for hole in holes_over_http()}
            | {hole.name for hole in holes_in_workers()}
        )
        assert planted == {mutant["name"] for mutant in results["mutants"]}
        assert all(mutant["caught_by"] for mutant in results["mutants"])


def _wait_for_a_server(parent: int) -> list[int]:
    """The processes of PostgreSQL below this one, once there are some."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if found := [pid for pid in _below(parent) if "postgres" in _command(pid)]:
            return found
        time.sleep(0.1)
    raise AssertionError("no server was started")


def _below(parent: int) -> list[int]:
    listed = subprocess.run(["/bin/ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(ppid) for pid, ppid in (line.split() for line in listed.splitlines())}
    return [pid for pid in parents if parent in _ancestors(pid, parents)]


def _ancestors(pid: int, parents: dict[int, int]) -> set[int]:
    found = set()
    while (pid := parents.get(pid, 0)) > 1:
        found.add(pid)
    return found


def _command(pid: int) -> str:
    asked = subprocess.run(["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout


def _is_alive(pid: int) -> bool:
    return bool(_command(pid).strip()) and "<defunct>" not in _command(pid)


@pytest.fixture(autouse=True)
def _outside_of_tests(monkeypatch):
    """Workers are started anew, and must not inherit a test's environment."""
    for name in [name for name in os.environ if name.startswith("FREEHOLD_")]:
        monkeypatch.delenv(name)
