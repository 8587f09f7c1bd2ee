"""A story told over HTTP, and how it ends where nobody answers."""

import httpx
import pytest

from local.story import Story


def slow(request: httpx.Request) -> httpx.Response:
    """Answers what is not too much for it."""
    if request.url.path == "/v1/tenants":
        raise httpx.ReadTimeout("", request=request)
    return httpx.Response(200)


class TestEnd:
    def test_is_a_failed_step_in_a_sentence_where_a_request_gets_no_answer(self, capsys: pytest.CaptureFixture[str]):
        with httpx.Client(base_url="http://api.example.test", transport=httpx.MockTransport(slow)) as client:
            story = Story(client)
            with story.to_its_end():
                story.expect("it is there", 200, "GET", "/health", "")
                story.expect("alice signs up", 201, "POST", "/v1/tenants", "")
                story.expect("nobody comes so far", 200, "GET", "/health", "")
        assert (story.passed, story.failed) == (1, 1)
        said = capsys.readouterr().out.splitlines()[-1]
        assert "✗ alice signs up" in said
        assert said.endswith(
            "POST /v1/tenants got no answer (ReadTimeout): this machine is busy. Try again when less runs."
        )

    def test_is_no_excuse_for_a_mistake_of_its_own(self):
        with httpx.Client() as client, pytest.raises(KeyError), Story(client).to_its_end():
            raise KeyError("id")
