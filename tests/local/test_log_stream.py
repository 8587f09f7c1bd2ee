"""Logs for people: one line for what happened, nothing lost that is not ours."""

import io
import json
import threading

from local.function_output import FunctionOutput
from local.log_stream import LogStream, render

AT = "2026-11-20T12:00:00.000+00:00"
REQUEST = {"message": "request", "route": "GET /v1/projects", "ms": 2.4, "request_id": "r-1"}


def line(**record):
    return json.dumps({"level": "INFO", "timestamp": AT, "function": "projects", "service": "freehold"} | record)


class TestRender:
    def test_a_request_is_route_status_and_time(self):
        text = render(
            line(message="request", route="GET /v1/projects", status=200, ms=2.4, request_id="r", cold_start=True)
        )
        assert text[8:] == " projects     GET /v1/projects 200 2.4 ms"

    def test_a_failed_request_says_which(self):
        text = render(
            line(message="request", route="GET /v1/projects", status=404, ms=2.4, request_id="r-1"), color=True
        )
        assert text.endswith(" 404 2.4 ms request_id=r-1\033[0m")

    def test_a_message_keeps_its_keys(self):
        assert render(line(message="refused", code="unauthenticated", reason={"a": 1})).endswith(
            'projects     INFO refused code=unauthenticated reason={"a": 1}'
        )

    def test_a_traceback_has_its_lines(self):
        text = render(line(level="ERROR", message="unexpected error", exception="Traceback:\n  boom\nValueError: no"))
        assert text.splitlines()[1:] == ["    Traceback:", "      boom", "    ValueError: no"]

    def test_a_record_without_a_time_or_a_function_is_shown_too(self):
        assert render('{"level": "INFO"}').endswith("?            INFO ")

    def test_anything_else_passes(self):
        for text in ("plain", "{broken", "[1]", '{"no": "level"}', "", "null", "\udcff"):
            assert render(text) == text


class TestFunctionOutput:
    def test_lines_of_threads_stay_whole_and_say_whose_they_are(self):
        stream = io.StringIO()
        output, both = FunctionOutput(stream), threading.Barrier(2)

        def say(function):
            with output.of(function):
                output.write('{"level": "INFO", ')
                both.wait()
                output.write('"message": "hello"}\n')

        threads = [threading.Thread(target=say, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        records = [json.loads(text) for text in stream.getvalue().splitlines()]
        assert {record["function"] for record in records} == {"one", "two"}
        assert {record["message"] for record in records} == {"hello"}

    def test_a_thread_that_a_function_named_after_itself_says_so(self):
        stream = io.StringIO()
        output = FunctionOutput(stream)
        for name in ("relay_0", "ThreadPoolExecutor-1_0", "MainThread"):
            thread = threading.Thread(target=output.write, args=('{"level": "INFO"}\n',), name=name)
            thread.start()
            thread.join()
        assert [json.loads(text).get("function") for text in stream.getvalue().splitlines()] == ["relay", None, None]


class TestLogStream:
    def test_the_file_has_the_raw_lines_and_the_terminal_the_readable_ones(self, tmp_path):
        terminal = io.StringIO()
        logs = LogStream(tmp_path / "logs" / "functions.log", echo=terminal)
        raw = line(message="hello")
        logs.follow([raw.encode() + b"\n", b"\xff\n"])
        assert logs.file.read_text() == f"{raw}\n\ufffd\n"
        assert terminal.getvalue().endswith("projects     INFO hello\n\ufffd\n")
