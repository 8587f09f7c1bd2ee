"""CONTRIBUTING.md, "Ask what a tenant may do": its route is served, and its commands make the flag that it asks for."""

import re
import shlex
from typing import Any

import pytest

from freehold.http.lambda_handler import serve
from functions.declaration import Function
from local import explain, flag_words, gateway
from local import flags as command
from local.companies import Company
from local.project import ROOT
from tests.decisions.conftest import Flags, agree

RECIPE = (ROOT / "CONTRIBUTING.md").read_text().partition("## Ask what a tenant may do")[2].partition("\n## ")[0]
PATHS = ("/v1/boards/{project_id}", "/v1/boards/{project_id}/history")
KEY = "board-layout"


@pytest.fixture
def _routes(stage: None, monkeypatch: pytest.MonkeyPatch) -> None:
    [code] = re.findall(r"```python\n(.*?)```", RECIPE, re.DOTALL)
    module: dict[str, Any] = {"__name__": "functions.boards.routes"}
    exec(code, module)  # noqa: S102 (our own words)
    handler, function = serve(module["router"]), Function(name="routes_of_the_recipe", database="api")
    for path in PATHS:
        monkeypatch.setitem(gateway.ROUTES, f"GET {path}", function)
    real = gateway.handler
    monkeypatch.setattr(gateway, "handler", lambda wanted: handler if wanted is function else real(wanted))


def made() -> list[dict[str, Any]]:
    """The flag, after each command."""
    definitions: list[dict[str, Any]] = []

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        if question["ask"] == "flag":
            return {"flag": {"version": 1, "definition": definitions[-1]}}
        definitions.extend([question["flag"]] if "flag" in question else [])
        return {"version": 2, "exposures": []}

    for words in re.findall(r"^    make flags ARGS='(.*)'$", RECIPE, re.MULTILINE):
        assert command.run(ask, flag_words.parse(shlex.split(words)))
    return definitions


def test_its_commands_are_understood():
    plain, rolled_out, experiment, halves = made()
    assert plain["variants"] == {"list": "list", "columns": "columns"}
    assert rolled_out["otherwise"]["split"] == {"columns": 10, "list": 90}
    assert (plain.get("experiment", False), experiment["experiment"], halves["experiment"]) == (False, True, True)
    [asked] = re.findall(r"^    make explain ARGS='(.*)'$", RECIPE, re.MULTILINE)
    assert explain.parse(shlex.split(asked)).key == KEY


@pytest.mark.usefixtures("_routes")
class TestItsRoutes:
    def test_show_what_the_flag_says(self, acme: Company, flags: Flags):
        board = f"/v1/boards/{acme.project()['id']}"
        assert acme.call("GET", board).json["layout"] == "list", "its default, for there is no flag"
        flags(made()[0] | {"otherwise": "columns"})
        assert acme.call("GET", board).json["layout"] == "columns"

    def test_note_who_takes_part_in_an_experiment(self, acme: Company, flags: Flags):
        board = f"/v1/boards/{acme.project()['id']}"
        flags(made()[-1])
        shown = [acme.call("GET", board).json["layout"] for _ in range(2)]
        noted = acme.execute("select flag, variant from app.exposures where tenant_id = %(tenant_id)s")
        assert noted == [(KEY, shown[0])]

    @pytest.mark.usefixtures("plans")
    def test_refuse_who_lacks_the_feature_or_has_no_room(self, acme: Company):
        history = f"/v1/boards/{acme.project()['id']}/history"
        assert acme.call("GET", history).code == "feature_not_included"
        agree(acme, features=["audit_export"])
        assert acme.call("GET", history).status == 200
        agree(acme, limits={"projects": 1})
        assert acme.call("GET", history).code == "limit_reached"
