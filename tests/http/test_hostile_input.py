"""Whatever is sent, the answer is a 4xx problem that says why, never a 5xx, and nothing is stored."""

import json

import pytest

from freehold.http.strict_json import DEEPEST
from local.companies import Company
from local.gateway import call

NESTED = b'{"name": ' + b"[" * 40 + b"]" * 40 + b"}"
BODIES = {
    "NaN": (b'{"name": NaN}', 400),
    "Infinity": (b'{"name": -Infinity}', 400),
    "a number beyond every float": (b'{"name": 1e999}', 400),
    "a number of 5,000 digits": (b'{"name": ' + b"9" * 5000 + b"}", 400),
    "NUL, escaped": (b'{"name": "a\\u0000b"}', 400),
    "NUL, raw": (b'{"name": "a\0b"}', 400),
    "NUL in a key": (b'{"na\\u0000me": "x"}', 400),
    "a control character": (b'{"name": "a\\u0001b"}', 400),
    "a backspace": (b'{"name": "a\\bb"}', 400),
    "a lone surrogate": (b'{"name": "\\ud800"}', 400),
    "a lone low surrogate": (b'{"name": "\\uDC00x"}', 400),
    "a surrogate in UTF-8": (b'{"name": "\xed\xa0\x80"}', 400),
    "invalid UTF-8": (b'{"name": "\xff\xfe"}', 400),
    "a key twice": (b'{"name": "a", "name": "b"}', 400),
    "too deep": (NESTED, 400),
    "absurdly deep": (b"[" * 100_000 + b"]" * 100_000, 400),
    "no JSON": (b"name=Apollo", 400),
    "half of it": (b'{"name": "Apol', 400),
    "two documents": (b'{"name": "a"} {"name": "b"}', 400),
    "a byte order mark": (b'\xef\xbb\xbf{"name": "a"}', 400),
    "too large": (b'{"name": "' + b"x" * 1024 * 1024 + b'"}', 413),
    "nothing": (b"", 422),
    "null": (b"null", 422),
    "a list": (b"[1]", 422),
    "a number": (b'{"name": 7}', 422),
    "an object for a name": (b'{"name": {"$ne": null}}', 422),
    "an empty name": (b'{"name": ""}', 422),
    "a blank name": (b'{"name": "  \\n "}', 422),
    "a long name": (json.dumps({"name": "x" * 201}).encode(), 422),
    "an unknown field": (b'{"name": "a", "tenant_id": "b"}', 422),
}
TYPES = [
    "",
    "json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=latin-1",
    "multipart/form-data",
]


def is_a_problem(answer, status: int) -> bool:
    return (
        answer.status == status
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json["status"] == status
        and bool(answer.json["code"] and answer.json["detail"] and answer.json["request_id"])
    )


class TestBody:
    @pytest.mark.parametrize(("raw", "status"), BODIES.values(), ids=BODIES.keys())
    def test_is_refused_with_a_reason(self, acme: Company, raw, status):
        answer = acme.call("POST", "/v1/projects", raw=raw)
        assert is_a_problem(answer, status), answer
        assert acme.call("GET", "/v1/projects").json["items"] == []

    @pytest.mark.parametrize("content_type", TYPES)
    def test_of_another_type_is_refused(self, acme: Company, content_type):
        answer = acme.call("POST", "/v1/projects", raw=b'{"name": "a"}', headers={"Content-Type": content_type})
        assert is_a_problem(answer, 415)

    @pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=UTF-8"])
    def test_of_the_right_type_is_taken(self, acme: Company, content_type):
        answer = acme.call("POST", "/v1/projects", raw=b'{"name": "a"}', headers={"Content-Type": content_type})
        assert answer.status == 201

    def test_the_control_strange_but_good_text_is_stored_as_it_is(self, acme: Company):
        name = "Ünï¢ödé 🚀 '; drop table app.projects; -- \u200f\ufffd"
        raw = json.dumps({"name": name}).encode()
        assert acme.call("POST", "/v1/projects", raw=raw).json["name"] == name

    def test_the_control_the_deepest_allowed_reaches_validation(self, acme: Company):
        depth = DEEPEST - 1
        raw = b'{"name": ' + b"[" * depth + b"]" * depth + b"}"
        assert acme.call("POST", "/v1/projects", raw=raw).status == 422

    def test_invalid_base64_is_refused(self, acme: Company, monkeypatch):
        monkeypatch.setattr("base64.b64encode", lambda _: b"not base64!")
        assert is_a_problem(acme.call("POST", "/v1/projects", raw=b"x"), 400)

    def test_a_hundred_thousand_mistakes_fit_into_an_answer(self, acme: Company):
        raw = json.dumps({f"unknown-{number}-{'x' * 200}": 1 for number in range(3000)}).encode()
        answer = acme.call("POST", "/v1/projects", raw=raw)
        assert (answer.status, len(answer.json["errors"])) == (422, 20)
        assert len(answer.body) < 10_000

    def test_what_was_sent_is_not_repeated(self, acme: Company):
        answer = acme.call("POST", "/v1/projects", raw=b'{"name": ["s3cr3t-s3cr3t"]}')
        assert "s3cr3t" not in answer.body


class TestAddress:
    @pytest.mark.parametrize("which", ["1", "x", "%00", "..", "' or 1=1", "🚀", "01a1fac8-0000-7000-8000-00000000000"])
    def test_a_malformed_id_is_refused(self, acme: Company, which):
        assert is_a_problem(acme.call("GET", f"/v1/projects/{which}"), 422)

    @pytest.mark.parametrize(
        "query",
        [
            {"limit": 0},
            {"limit": 101},
            {"limit": "x"},
            {"limit": "9" * 30},
            {"cursor": "x"},
            {"cursor": "\0"},
            {"status": "gone"},
        ],
    )
    def test_a_malformed_query_is_refused(self, acme: Company, query):
        assert is_a_problem(acme.call("GET", "/v1/projects", query=query), 422)

    def test_a_cursor_from_elsewhere_shows_nothing_foreign(self, acme: Company, globex: Company):
        cursor = globex.project()["id"]
        assert acme.call("GET", "/v1/projects", query={"cursor": cursor}).json["items"] == []


class TestHeaders:
    @pytest.mark.parametrize(
        "version",
        [
            "1",
            "x",
            '"x"',
            'W/"1"',
            'junk"1"junk',
            '"x"1"',
            '"01"',
            '"1";',
            '"9999999999999999999"',
            "",
            '""',
            "W/",
            '"2"',
        ],
    )
    def test_an_if_match_that_does_not_match_is_refused(self, acme: Company, version):
        path = f"/v1/projects/{acme.project()['id']}"
        answer = acme.call("PATCH", path, body={"name": "b"}, headers={"If-Match": version})
        assert is_a_problem(answer, 412)

    @pytest.mark.parametrize("value", ["x\r\nSet-Cookie: a", "x" * 129, "ü", "", "<script>"])
    def test_an_unusable_correlation_id_is_not_echoed(self, acme: Company, value):
        answer = acme.call("GET", "/v1/projects", headers={"X-Correlation-Id": value})
        assert answer.headers["x-correlation-id"] == answer.headers["x-request-id"]

    def test_a_usable_one_is(self, acme: Company):
        answer = acme.call("GET", "/v1/projects", headers={"X-Correlation-Id": "order-7"})
        assert answer.headers["x-correlation-id"] == "order-7"
        assert answer.headers["x-request-id"] != "order-7"

    def test_every_answer_forbids_caching_and_sniffing(self, acme: Company):
        for answer in (acme.call("GET", "/v1/projects"), acme.call("GET", "/v1/projects/x"), call("GET", "/health")):
            assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == (
                "no-store",
                "nosniff",
            )


class TestFailureOfOurs:
    def test_is_a_problem_without_its_cause(self, acme: Company, monkeypatch):
        def fail(*_: object) -> None:
            raise RuntimeError("the password is hunter2")

        monkeypatch.setattr("product.projects.service.read_page", fail)
        answer = acme.call("GET", "/v1/projects")
        assert is_a_problem(answer, 500)
        assert answer.code == "internal_error"
        assert "hunter2" not in answer.body
