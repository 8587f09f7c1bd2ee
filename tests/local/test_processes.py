"""Children never outlive us, and the one `make dev` knows that it is the one."""

import os
import signal
import subprocess
import sys
import time

import pytest

from local import instance
from local.errors import LocalError
from local.instance import Instance, only_one, publish
from local.passwords import PasswordFile
from local.processes import Child, environment
from local.project import ROOT
from local.reset import reset
from tests.local.test_postgres import wait_until_gone

WITH_A_GRANDCHILD = "import subprocess, sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"


class TestChild:
    def test_ends_with_all_that_it_started(self):
        child = Child([sys.executable, "-c", WITH_A_GRANDCHILD], output=subprocess.PIPE)
        with child.output as output:
            grandchild = int(output.readline())
            child.end()
        wait_until_gone(grandchild)
        child.end()

    def test_is_killed_when_it_does_not_listen(self):
        deaf = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('up', flush=True); time.sleep(60)"
        child = Child([sys.executable, "-c", deaf], output=subprocess.PIPE, grace_seconds=0.1)
        with child.output as output:
            output.readline()
            begin = time.monotonic()
            child.end()
        assert time.monotonic() - begin < 5

    def test_ends_when_we_are_killed(self):
        code = (
            "import subprocess, sys; from local.processes import Child\n"
            f"child = Child([sys.executable, '-c', {WITH_A_GRANDCHILD!r}], output=subprocess.PIPE)\n"
            "print(child.output.readline().decode(), flush=True); input()"
        )
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
            grandchild = int(owner.stdout.readline())
            os.kill(owner.pid, signal.SIGKILL)
        wait_until_gone(grandchild)

    def test_tells_its_exit_code(self):
        assert Child([sys.executable, "-c", "raise SystemExit(7)"], output=subprocess.DEVNULL).wait() == 7


class TestEnvironment:
    def test_has_no_way_to_an_account_a_proxy_or_another_python(self, monkeypatch):
        for name in ("AWS_PROFILE", "AWS_SECRET_ACCESS_KEY", "PYTHONPATH", "VIRTUAL_ENV", "PGHOST"):
            monkeypatch.setenv(name, "mine")
        inherited = environment(FREEHOLD_STAGE="sandbox")
        assert "mine" not in inherited.values()
        assert (inherited["NO_PROXY"], inherited["FREEHOLD_STAGE"]) == ("*", "sandbox")
        assert inherited["AWS_CONFIG_FILE"] == inherited["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


class TestInstance:
    WHERE = Instance(url="http://a", issuer="http://b", database="host=c", stage="sandbox")

    def test_is_found_while_it_runs(self, tmp_path):
        folder = tmp_path / "dev"
        with only_one(folder):
            publish(self.WHERE, folder)
            assert instance.require(folder) == self.WHERE
        assert instance.find(folder) is None

    def test_is_the_only_one(self, tmp_path):
        with only_one(tmp_path / "dev"), pytest.raises(LocalError, match="running"), only_one(tmp_path / "dev"):
            pass

    def test_is_missed_with_a_sentence(self, tmp_path):
        with pytest.raises(LocalError, match="make dev"):
            instance.require(tmp_path / "dev")

    def test_is_not_reset_while_it_runs(self, tmp_path):
        folder = tmp_path / "dev"
        with only_one(folder), pytest.raises(LocalError, match="Ctrl-C, then reset"):
            reset(folder)
        assert folder.exists()
        reset(folder)
        assert not folder.exists()


class TestPasswordFile:
    def test_keeps_what_it_has_and_adds_what_is_missing(self, tmp_path):
        file = PasswordFile(tmp_path / "pgpass")
        first = file.ensure(["a"])
        both = file.ensure(["a", "b"])
        assert both["a"] == first["a"]
        assert file.read() == both
        assert all(row.startswith("127.0.0.1:*:*:") for row in file.path.read_text().splitlines())
