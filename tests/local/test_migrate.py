"""`freehold migrate`: what is missing, what is being done, how each cell stands."""

import io
import json
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from freehold.database.migrations import MIGRATOR
from freehold.database.migrations.files import migrations
from freehold.settings import settings
from functions.migrations.handler import handler
from local import aws
from local.database import Database
from local.errors import LocalError
from local.migrate import LaptopCell, bring
from local.migrate_stage import StageCell, cells
from local.postgres import temporary
from local.project import ROOT

NAMES = [migration.name for migration in migrations()]
PRE = [name for name in NAMES if name.endswith(".pre")]


@pytest.fixture
def bare():
    """Roles and database, and no schema yet."""
    with temporary() as server:
        Database(server).make_roles()
        yield Database(server)


class DeployedFunction:
    """A double of Lambda, in which the real handler answers in this process."""

    def __init__(self, *, seconds: float = 900) -> None:
        self.asked: list[tuple[str, dict]] = []
        self._seconds = seconds

    def invoke(self, *, FunctionName: str, Payload: str) -> dict:  # noqa: N803 (boto3's)
        request = json.loads(Payload)
        self.asked.append((FunctionName, request))
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: self._seconds * 1000, function_version="7")
        return {"Payload": io.BytesIO(json.dumps(handler(request, context)).encode())}


class SlowFunction:
    """Takes its time to migrate, and answers so many looks."""

    def __init__(self, *, seconds: float = 0.5, looks: int = 1) -> None:
        self._seconds, self._looks = seconds, looks

    def invoke(self, *, FunctionName: str, Payload: str) -> dict:  # noqa: N803 (boto3's)
        if json.loads(Payload)["ask"] == "migrate":
            time.sleep(self._seconds)
            return {"Payload": io.BytesIO(b'{"applied": ["one"]}')}
        self._looks -= 1
        answer = {"missing": [{"name": "one", "steps": [""]}]} if self._looks >= 0 else {"error": "too many asked"}
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


class AbsentFunction:
    def invoke(self, **_: object) -> dict:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "not found"}}, "Invoke")


@pytest.fixture
def function(bare, monkeypatch):
    """Of the stage whose database it is."""
    monkeypatch.setenv("FREEHOLD_DATABASE", bare.conninfo)
    settings.cache_clear()
    yield DeployedFunction()
    settings.cache_clear()


def stage_cell(function) -> StageCell:
    return StageCell("pool", "launch", "freehold-launch-migrations", function)


class TestLaptop:
    def test_shows_the_plan_and_changes_nothing(self, bare):
        lines = []
        cell = LaptopCell(bare.conninfo_of(MIGRATOR))
        state = bring(cell, "all", only_look=True, tell=lines.append)
        assert [missing["name"] for missing in state.missing] == NAMES
        assert lines[0] == f"cell pool: {len(NAMES)} missing"
        assert state.word == "behind"
        assert len(cell.missing("all")) == len(NAMES)

    def test_shows_progress_and_is_up_to_date(self, bare):
        lines = []
        cell = LaptopCell(bare.conninfo_of(MIGRATOR))
        state = bring(cell, "all", only_look=False, tell=lines.append)
        assert state.applied == NAMES
        assert state.word == "up to date"
        assert [line.strip() for line in lines].count(NAMES[0]) == 2  # planned, then done
        again = bring(cell, "all", only_look=False, tell=lines.append)
        assert (again.word, again.missing, again.applied) == ("up to date", [], [])

    def test_out_of_reach_has_failed_with_a_sentence(self):
        state = bring(LaptopCell("host=127.0.0.1 port=1"), "all", only_look=True, tell=lambda _line: None)
        assert state.word == "failed"
        assert "127.0.0.1" in state.error


class TestStage:
    def test_asks_the_function_and_is_up_to_date(self, function):
        lines = []
        state = bring(stage_cell(function), "pre", only_look=False, tell=lines.append)
        assert state.error == ""
        assert [missing["name"] for missing in state.missing] == state.applied == PRE
        assert {name for name, _ in function.asked} == {"freehold-launch-migrations:live"}
        assert function.asked[0][1] == {"ask": "plan", "phase": "pre"}
        assert bring(stage_cell(function), "pre", only_look=False, tell=lines.append).missing == []

    def test_hears_why_it_failed(self, function, bare):
        bring(stage_cell(function), "pre", only_look=False, tell=lambda _line: None)
        bare.server.superuser("\\connect freehold\nalter table app.projects no force row level security")
        state = bring(stage_cell(function), "pre", only_look=False, tell=lambda _line: None)
        assert state.word == "failed"
        assert "app.projects" in state.error

    def test_of_the_first_run_is_migrated_although_nobody_can_look_yet(self, monkeypatch):
        cell = LaptopCell("host=127.0.0.1 port=1")
        monkeypatch.setattr(LaptopCell, "migrate", lambda *_: ["one"])
        lines = []
        state = bring(cell, "pre", only_look=False, tell=lines.append)
        assert (state.word, state.applied) == ("up to date", ["one"])
        assert "cannot be seen yet" in lines[0]

    def test_is_up_to_date_when_a_look_at_its_progress_fails(self, monkeypatch):
        monkeypatch.setattr("local.migrate_stage.LOOK_EVERY", 0.05)
        state = bring(stage_cell(SlowFunction()), "pre", only_look=False, tell=lambda _line: None)
        assert (state.word, state.applied) == ("up to date", ["one"])

    def test_goes_on_in_aws_when_whoever_waits_goes_away(self, monkeypatch):
        monkeypatch.setattr("local.migrate_stage.LOOK_EVERY", 0.05)
        function, lines = SlowFunction(seconds=30, looks=99), []

        def tell(line: str) -> None:
            lines.append(line)
            if "at work" in line:
                raise KeyboardInterrupt

        begin = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            stage_cell(function).migrate("pre", tell)
        assert time.monotonic() - begin < 20
        assert lines[-1] == "It goes on in AWS: `freehold migrate --stage launch --plan` shows how far."

    def test_without_its_function_says_so(self):
        state = bring(stage_cell(AbsentFunction()), "pre", only_look=True, tell=lambda _line: None)
        assert "freehold-launch-migrations could not be asked" in state.error


class TestCells:
    @pytest.fixture
    def ssm(self, emulator):
        client = aws.session().client("ssm", **aws.at(emulator.endpoint))
        emulator.put_parameter("/freehold/launch/cell/pool/conninfo", "host=127.0.0.1")
        emulator.put_parameter("/freehold/launch/cell/pool/writer/conninfo", "host=127.0.0.1")
        return client

    def test_are_those_that_have_parameters(self, ssm):
        assert [(cell.name, cell.function) for cell in cells(ssm, None, "launch")] == [
            ("pool", "freehold-launch-migrations")
        ]

    def test_of_a_stage_that_is_not_there_is_a_sentence(self, ssm):
        with pytest.raises(LocalError, match=r"No cell of growth is deployed here: `make deploy STAGE=growth`"):
            cells(ssm, None, "growth")

    def test_beside_the_pool_have_a_function_of_their_own(self, ssm, emulator):
        emulator.put_parameter("/freehold/wide/cell/pool/conninfo", "host=127.0.0.1")
        emulator.put_parameter("/freehold/wide/cell/acme/conninfo", "host=127.0.0.1")
        assert [cell.function for cell in cells(ssm, None, "wide")] == [
            "freehold-wide-migrations-acme",
            "freehold-wide-migrations",
        ]


class TestCommand:
    def test_help_has_an_example(self):
        done = command("--help")
        assert done.returncode == 0
        assert "freehold migrate --stage launch" in done.stdout

    def test_of_post_migrations_while_old_code_runs_is_refused(self):
        done = command("--stage", "launch", "--phase", "all")
        assert done.returncode == 2
        assert "--phase post" in done.stderr

    def test_that_is_not_understood_is_2(self):
        assert command("--phase", "Pre").returncode == 2


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local.migrate", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
