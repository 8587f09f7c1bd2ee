"""PostgreSQL on a laptop: data stays, a killed server recovers, and nobody from outside gets in."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from local import ports, postgres, reach
from local.errors import LocalError
from local.postgres import SUPERUSER, Postgres
from local.processes import unprivileged_account
from local.project import ROOT

IS_ROOT = os.geteuid() == 0


def ask(server: Postgres, sql: str) -> str:
    with psycopg.connect(server.conninfo(user=SUPERUSER), autocommit=True) as connection:
        cursor = connection.execute(sql)
        return str(cursor.fetchall()[0][0]) if cursor.description else ""


def process_id(server: Postgres) -> int:
    data = reach.home(server.folder, unprivileged_account()) / "data"
    return int((data / "postmaster.pid").read_text().split()[0])


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 5
    while is_alive(pid):
        assert time.monotonic() < deadline, "it outlived its owner"
        time.sleep(0.02)


class TestCluster:
    def test_speaks_as_aurora_does(self, folder):
        with Postgres(folder, durable=False) as server:
            assert ask(server, "show server_version_num").startswith("18")
            assert ask(server, "show server_encoding") == "UTF8"
            assert ask(server, "show timezone") == "UTC"
            assert ask(server, "select datlocprovider::text || datlocale from pg_database limit 1") == "bC.UTF-8"

    def test_wants_a_password(self, folder):
        with (
            Postgres(folder, durable=False) as server,
            pytest.raises(psycopg.OperationalError, match="password authentication failed"),
        ):
            psycopg.connect(server.conninfo(user=SUPERUSER), password="wrong")

    def test_password_file_is_ours_alone(self, folder):
        with Postgres(folder, durable=False) as server:
            assert stat.S_IMODE(server.passwords.path.stat().st_mode) == 0o600

    def test_an_interrupted_first_start_is_repeated(self, folder):
        home = reach.home(folder, unprivileged_account())
        (home / "data.partial").mkdir(parents=True)
        (home / "data.partial" / "half").touch()
        with Postgres(folder, durable=False) as server:
            assert ask(server, "select 1") == "1"


class TestLife:
    def test_data_stays_over_a_restart_and_another_port(self, folder):
        with Postgres(folder) as server:
            ask(server, "create table kept as select 42 as answer")
        with Postgres(folder) as server:
            assert ask(server, "select answer from kept") == "42"

    def test_recovers_from_a_kill(self, folder):
        server = Postgres(folder)
        server.start()
        ask(server, "create table kept as select 42 as answer")
        ask(server, "checkpoint")
        os.kill(process_id(server), signal.SIGKILL)
        server.stop()
        with Postgres(folder) as server:
            assert ask(server, "select answer from kept") == "42"

    def test_a_pid_file_of_a_stranger_does_not_keep_it_from_starting(self, folder):
        with Postgres(folder, durable=False):
            pass
        data = reach.home(folder, unprivileged_account()) / "data"
        (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n1\n\n127.0.0.1\n1 1\nready\n")
        with Postgres(folder, durable=False) as server:
            assert ask(server, "select 1") == "1"

    def test_ends_when_its_owner_is_killed(self, folder):
        code = (
            "import sys, time; from pathlib import Path; from local.postgres import Postgres\n"
            "Postgres(Path(sys.argv[1]), durable=False).start(); print('up', flush=True); time.sleep(60)"
        )
        owner = subprocess.Popen([sys.executable, "-c", code, folder], cwd=ROOT, stdout=subprocess.PIPE)
        with owner:
            assert owner.stdout.readline() == b"up\n"
            pid = process_id(Postgres(folder))
            owner.kill()
        wait_until_gone(pid)
        with Postgres(folder, durable=False) as server:
            assert ask(server, "select 1") == "1"

    def test_a_second_one_on_the_same_folder_is_one_sentence(self, folder):
        with (
            Postgres(folder, durable=False),
            pytest.raises(LocalError, match=r"already runs on .*; stop"),
        ):
            Postgres(folder, durable=False).start()

    def test_a_port_in_use_is_one_sentence(self, folder):
        with ports.listen() as taken:
            server = Postgres(folder, port=ports.port_of(taken), durable=False, choose="DATABASE_PORT=…")
            with pytest.raises(LocalError, match=r"^Port \d+ for PostgreSQL is in use; .* DATABASE_PORT=…\.$"):
                server.start()

    def test_data_of_another_version_is_one_sentence(self, folder):
        with Postgres(folder, durable=False):
            pass
        (reach.home(folder, unprivileged_account()) / "data" / "PG_VERSION").write_text("17\n")
        with pytest.raises(LocalError, match="make reset"):
            Postgres(folder, durable=False).start()

    def test_leaves_nothing_elsewhere(self):
        with postgres.temporary() as server:
            elsewhere = reach.elsewhere(server.folder)
            pid = process_id(server)
        assert not elsewhere.exists()
        assert not server.folder.exists()
        wait_until_gone(pid)


@pytest.mark.skipif(not IS_ROOT, reason="only root runs PostgreSQL as somebody else")
class TestAsRoot:
    def test_runs_as_somebody_else_out_of_a_closed_folder(self, folder):
        folder.mkdir()
        folder.parent.chmod(0o700)
        with Postgres(folder, durable=False) as server:
            assert (folder / "data").readlink() == reach.elsewhere(folder) / "data"
            assert (folder / "data").stat().st_uid == unprivileged_account().uid
            assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700
            assert ask(server, "select 1") == "1"

    def test_refuses_a_folder_that_somebody_else_prepared(self, folder):
        folder.mkdir()
        folder.parent.chmod(0o700)
        reach.elsewhere(folder).mkdir()
        os.chown(reach.elsewhere(folder), unprivileged_account().uid, 0)
        with pytest.raises(LocalError, match="belongs to somebody else"):
            Postgres(folder, durable=False).start()

    def test_programs_in_a_closed_folder_run_from_a_copy(self, tmp_path: Path):
        account = unprivileged_account()
        package = tmp_path / "closed" / reach.installed().name
        package.parent.mkdir(mode=0o700)
        shutil.copytree(reach.installed(), package, copy_function=os.link, symlinks=True)
        shutil.copytree(f"{reach.installed()}.libs", f"{package}.libs", copy_function=os.link)
        try:
            installation = reach.runnable(package, account)
            command = [installation / "bin" / "postgres", "--version"]
            answer = subprocess.run(command, user=account.uid, group=account.gid, capture_output=True, check=False)
        finally:
            postgres.discard(package)
        assert b"PostgreSQL" in answer.stdout, answer.stderr
