"""GET /health and GET /openapi.json, which need nobody's identity."""

import json
from pathlib import Path

from local.gateway import call


class TestHealth:
    def test_is_ok_while_the_database_answers(self, stage: None):
        answer = call("GET", "/health")
        assert (answer.status, answer.json) == (200, {"status": "ok"})

    def test_is_503_while_it_does_not(self, stage: None, monkeypatch):
        from freehold.database import Database  # noqa: PLC0415 (after the stage is set)

        monkeypatch.setattr("functions.health.handler.database", lambda: Database("host=127.0.0.1 port=1 dbname=x"))
        answer = call("GET", "/health")
        assert (answer.status, answer.code) == (503, "unavailable")


class TestOpenApi:
    def test_is_the_committed_document(self, stage: None):
        committed = json.loads(Path("functions/openapi/openapi.json").read_text())
        assert call("GET", "/openapi.json").json == committed
