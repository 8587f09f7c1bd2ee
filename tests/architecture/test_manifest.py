"""The manifest, the folders, the routes that the code serves, the example events and the documentation say the same."""

import importlib
import json
import re
from pathlib import Path

import pytest

from functions.declaration import own
from functions.manifest import FUNCTIONS, MIGRATIONS, OPERATORS, PROJECTS
from local.companies import People
from local.gateway import ROUTES, handler
from local.reference import openapi, pages

ROOT = Path(__file__).parents[2]
FOLDERS = {path.name for path in (ROOT / "functions").iterdir() if (path / "handler.py").exists()}
EVENTS = sorted((ROOT / "events").glob("*/*.json"))
WITHOUT_ROUTES = {function.code for function in FUNCTIONS if not function.routes}
CALLED_BY_NO_REQUEST = {function.code for function in FUNCTIONS if function.stack != "api" or function.logs}
CALLED_BY_NO_REQUEST |= {OPERATORS.code}
QUEUED = {function.code: function for function in FUNCTIONS if function.queue}
UNMAPPED = {"build", "cdk.out", "__pycache__"}
REFUSED_FOR_WANT_OF_OTHERS = ("reference_not_found", "last_owner", "invitation_gone", "not_a_member", "not_subscribed")
KNOWS_REPEATS = ("/stripe/webhooks",)
"""What is posted there has an id of its sender's."""
CHANGES_NOTHING = "/ofrep/"
"""A POST there only asks."""
API_TIMEOUT, STATEMENT_TIMEOUT = 30, 10  # seconds


def test_each_function_has_its_folder_and_each_folder_its_function():
    declared = {function.code for function in FUNCTIONS}
    assert declared <= FOLDERS, f"functions/manifest.py names folders without a handler.py: {declared - FOLDERS}"
    assert declared >= FOLDERS, f"add these folders to functions/manifest.py: {FOLDERS - declared}"


def test_each_route_is_declared_once():
    routes = [route for function in FUNCTIONS for route in function.routes]
    assert len(routes) == len(set(routes))


def test_what_is_declared_is_what_the_code_serves():
    served = {f"{method.upper()} {path}" for path, item in openapi()["paths"].items() for method in item}
    assert served <= set(ROUTES), f"add these routes to functions/manifest.py: {served - set(ROUTES)}"
    assert served >= set(ROUTES), f"functions/manifest.py declares what no code serves: {set(ROUTES) - served}"


def test_every_post_that_changes_something_takes_an_idempotency_key():
    paths = {
        p: i for p, i in openapi()["paths"].items() if p not in KNOWS_REPEATS and not p.startswith(CHANGES_NOTHING)
    }
    posts = {path: item["post"] for path, item in paths.items() if "post" in item}
    without = [p for p, o in posts.items() if "idempotency-key" not in {x["name"] for x in o.get("parameters", [])}]
    assert without == [], f"give these routes a parameter `once: IdempotencyKey`: {without}"


def test_each_function_serves_all_that_it_declares():
    for function in FUNCTIONS:
        if (ROOT / "functions" / function.code / "routes.py").exists():
            router = importlib.import_module(f"functions.{function.code}.routes").router
            served = {f"{method} {route.path}" for route in router.routes for method in route.methods}
            assert set(function.routes) <= served


def test_timeouts_nest():
    assert all(STATEMENT_TIMEOUT < f.timeout_seconds < API_TIMEOUT for f in FUNCTIONS if f.database and f.routes)


def test_workers_have_time_for_two_tries_at_the_database():
    short = [
        f.name for f in FUNCTIONS if f.stack == "workers" and f.database and f.timeout_seconds <= 2 * STATEMENT_TIMEOUT
    ]
    assert short == [], f"a try takes up to {STATEMENT_TIMEOUT} s"


def test_functions_that_run_the_same_code_are_given_the_same():
    for function in FUNCTIONS:
        same = {(other.database, other.product, other.public) for other in FUNCTIONS if other.code == function.code}
        assert len(same) == 1, f"{function.code} is declared twice, and differently: use own(...)"


def test_a_route_of_its_own_takes_over_what_its_code_needs():
    apart = own(PROJECTS, "POST /v1/projects", name="create_project", memory_mb=1024)
    assert (apart.name, apart.code, apart.routes) == ("create_project", "projects", ("POST /v1/projects",))
    assert (apart.database, apart.product, apart.memory_mb) == (PROJECTS.database, PROJECTS.product, 1024)


def test_only_functions_of_the_product_import_it():
    for function in FUNCTIONS:
        text = "".join(file.read_text() for file in (ROOT / "functions" / function.code).glob("*.py"))
        needed = "from product" in text or function == MIGRATIONS  # reads the product's migrations, by name
        assert needed == function.product, f"{function.name}: product=True is for functions that import it"


class TestEvents:
    def test_each_route_has_one_and_each_is_of_a_route(self):
        events = {path: json.loads(path.read_text()) for path in EVENTS}
        routes = {event["routeKey"] for path, event in events.items() if path.parent.name not in WITHOUT_ROUTES}
        assert routes >= set(ROUTES), f"add an event under events/ for {set(ROUTES) - routes}"
        assert routes <= set(ROUTES), f"these events are of no declared route: {routes - set(ROUTES)}"
        for path, event in events.items():
            if path.parent.name not in WITHOUT_ROUTES:
                assert ROUTES[event["routeKey"]].code == path.parent.name

    @pytest.mark.parametrize(
        "path", [p for p in EVENTS if p.parent.name in QUEUED], ids=lambda path: f"{path.parent.name}/{path.stem}"
    )
    def test_of_a_queue_are_what_it_would_hand_over(self, path: Path):
        function, records = QUEUED[path.parent.name], json.loads(path.read_text())["Records"]
        assert 0 < len(records) <= function.queue.batch_size
        assert {record["eventSource"] for record in records} == {"aws:sqs"}
        assert all({"messageId", "body", "attributes", "eventSourceARN"} <= record.keys() for record in records)

    def test_each_function_has_one(self):
        assert {function.code for function in FUNCTIONS} == {path.parent.name for path in EVENTS}

    @pytest.mark.parametrize(
        "path",
        [p for p in EVENTS if p.parent.name not in CALLED_BY_NO_REQUEST],
        ids=lambda path: f"{path.parent.name}/{path.stem}",
    )
    def test_each_is_answered_by_its_handler(self, people: People, path: Path):
        function = next(function for function in FUNCTIONS if function.code == path.parent.name)
        sign_up = json.loads((ROOT / "events/tenants/sign_up.json").read_text())
        assert handler(next(f for f in FUNCTIONS if f.code == "tenants"))(sign_up, None)["statusCode"] == 201
        answer = handler(function)(json.loads(path.read_text()), None)
        if function.name == "authorizer":
            assert answer["context"]["kind"] in {"api_key", "refused"}
        else:
            absent = "{" in json.loads(path.read_text())["routeKey"]
            lacks_a_parent = any(code in answer["body"] for code in REFUSED_FOR_WANT_OF_OTHERS)
            unknown = "This SCIM token is unknown" in answer["body"]  # a directory's token has to be made first
            late = "signature_refused" in answer["body"]  # what was signed once is too old at any later time
            good = answer["statusCode"] in ((404,) if absent else (200, 201, 202))
            assert good or lacks_a_parent or unknown or late, answer


class TestDocs:
    def test_the_generated_pages_are_up_to_date(self, catalog):
        stale = [path for path, text in pages(catalog).items() if (ROOT / path).read_text() != text]
        assert stale == [], "run `make docs` and commit what it writes"

    def test_every_make_target_is_in_the_readme_or_the_help(self):
        targets = [
            line.partition(":")[0] for line in (ROOT / "Makefile").read_text().splitlines() if ": setup ##" in line
        ]
        documented = (ROOT / "README.md").read_text() + (ROOT / "CONTRIBUTING.md").read_text()
        assert [target for target in targets if f"make {target}" not in documented] == []

    def test_every_folder_is_on_the_map(self):
        folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")} - UNMAPPED
        readme = (ROOT / "README.md").read_text()
        assert [folder for folder in folders if f"{folder}/" not in readme] == []

    def test_every_link_leads_somewhere(self):
        broken = [
            f"{page.relative_to(ROOT)} -> {target}"
            for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
            for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
            if not (page.parent / target).exists()
        ]
        assert broken == []
