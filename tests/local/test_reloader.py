"""Handlers from the working tree: an edit is live at once, a mistake is explained, a dead host is revived."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from local import web
from local.deployer import deploy
from local.log_stream import LogStream
from local.plans_lint import FILE
from local.reloader import Reloader
from local.template import API_ID
from tests.local import tiny_cloud

LIVE_SECONDS = 2


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    tiny_cloud.write_handler(root)
    return root


@pytest.fixture(scope="module")
def reloader(emulator, root):
    with Reloader(LogStream(root / "functions.log"), aws_endpoint=emulator.endpoint, root=root) as reloader:
        deploy(emulator, tiny_cloud.write_stack(root), tiny_cloud.STACK, function_host=reloader.url)
        yield reloader


@pytest.fixture
def health(emulator, reloader, root):
    tiny_cloud.write_handler(root)
    health = Health(f"{emulator.endpoint}/_aws/execute-api/{API_ID}/health")
    health.wait_for('"first"')
    return health


class Health:
    def __init__(self, url):
        self._url = url

    def ask(self):
        answer = web.get(self._url, timeout_seconds=10)
        return answer.status, answer.body.decode()

    def wait_for(self, text):
        """How long it takes until the answer has this in it."""
        begin = time.monotonic()
        while text not in (answer := self.ask()[1]):
            assert time.monotonic() - begin < 10, f"still {answer}"
            time.sleep(0.01)
        return time.monotonic() - begin


def log_of(root):
    return (root / "functions.log").read_text()


def wait_for_log(root, text):
    begin = time.monotonic()
    while text not in log_of(root):
        assert time.monotonic() - begin < 5, log_of(root)
        time.sleep(0.02)


class TestEdit:
    def test_is_live_within_two_seconds_twice_in_a_row(self, health, root):
        for text in ("again", "twice"):  # of the same length, within one second: the bytecode cache's blind spot
            tiny_cloud.write_handler(root, tiny_cloud.HANDLER.replace("first", text))
            assert health.wait_for(f'"{text}"') < LIVE_SECONDS

    def test_a_mistake_answers_502_and_its_traceback_is_in_the_log(self, health, root):
        tiny_cloud.write_handler(root, "def handler(:\n")
        health.wait_for("SyntaxError")
        assert health.ask()[0] == 502
        assert 'handler.py", line 1\n    def handler(:' in log_of(root)
        assert "importlib" not in log_of(root)
        tiny_cloud.write_handler(root)
        assert health.wait_for('"first"') < LIVE_SECONDS

    def test_a_mistake_in_the_plans_is_said_with_its_line(self, health, root):
        plans = root / "functions" / "plans.toml"
        plans.write_text(FILE.read_text())
        wait_for_log(root, "functions/plans.toml")
        assert "is not a plan catalog" not in log_of(root), "the control"
        plans.write_text(FILE.read_text().replace('card = "optional"', 'card = "perhaps"'))
        wait_for_log(root, 'trial.card is "perhaps", and must be one of')
        assert "Whatever needs the plans answers with errors until this is right." in log_of(root)

    def test_nobody_is_refused_meanwhile(self, health, root):
        stop = threading.Event()

        def keep_asking():
            statuses = set()
            while not stop.is_set():
                statuses.add(health.ask()[0])
            return statuses

        with ThreadPoolExecutor() as pool:
            asking = pool.submit(keep_asking)
            tiny_cloud.write_handler(root, tiny_cloud.HANDLER.replace("first", "later"))
            health.wait_for('"later"')
            stop.set()
        assert asking.result() == {200}


class TestHost:
    def test_has_the_environment_of_the_deployed_function(self, health):
        assert json.loads(health.ask()[1])["setting"] == "one"

    def test_lines_say_whose_they_are(self, health, root):
        health.ask()
        wait_for_log(root, '"message": "called"}\n')
        assert '"route": "GET /health", "outcome": "200"' in log_of(root)

    def test_is_started_again_when_it_dies(self, health, root):
        tiny_cloud.write_handler(root, "import os; os._exit(3)")
        health.wait_for("Remote end closed connection")
        wait_for_log(root, "ended with exit code 3; starting it again")
        tiny_cloud.write_handler(root)
        assert health.wait_for('"first"') < LIVE_SECONDS

    def test_an_answer_that_is_too_large_for_lambda_fails_here_too(self, health, root):
        tiny_cloud.write_handler(root, "def handler(event, context):\n    return {'body': 'x' * 6_300_000}\n")
        health.wait_for("exceeded maximum allowed payload size")
