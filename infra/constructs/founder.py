"""The founder's page: four weeks of what customers got, and of what was promised to them."""

from collections.abc import Iterator

from constructs import Construct

from infra.constructs.widgets import Formula, Graph, Line, Row, Words, dashboard, of_api
from infra.slos import AVAILABILITY, LATENCY
from infra.stage import Stage

_WORDS = """## {stage}: how it goes

- What it costs, by service: [Cost Explorer](https://console.aws.amazon.com/costmanagement/home#/cost-explorer). What it
  should cost: `freehold cost --stage {stage}`.
- What customers pay: [Stripe](https://dashboard.stripe.com/). Revenue is no metric here, because Stripe knows it.
- Who signed up, and who uses it: `freehold operator --stage {stage} find`. Tenants are no metric: a customer's name or
  number belongs into no graph.
- What was deployed when: `freehold deployments --stage {stage}`.
- What the objectives mean, and what to do when a budget is gone: `docs/slos.md`.
"""


def founder(scope: Construct, *, stage: Stage, api_id: str) -> None:
    """Over the window of the objectives. A dashboard bills by the month: at launch, one has the rows of both."""
    if stage.watch.metrics:
        dashboard(scope, "Founder", name=f"freehold-{stage.name}", rows=rows(stage, api_id), since="-P28D")


def rows(stage: Stage, api_id: str) -> Iterator[Row]:
    """Of what customers got."""
    yield (_requests(api_id), _availability(api_id), _budget(api_id), _quick(api_id))
    yield (_by_day(api_id), Words(markdown=_WORDS.format(stage=stage.name), width=12, height=8))


def _counted(api_id: str) -> tuple[Line, Line]:
    return of_api(api_id, "Count", id="requests"), of_api(api_id, "5xx", id="faults")


def _number(title: str, *lines: Line | Formula) -> Graph:
    return Graph(title=title, lines=lines, sums_up=True, width=6, height=4)


def _requests(api_id: str) -> Graph:
    return _number("Requests", of_api(api_id, "Count", "in four weeks"))


def _availability(api_id: str) -> Graph:
    share = Formula(expression="100 * (1 - FILL(faults, 0) / requests)", label="percent answered without a fault")
    return _number(f"Availability: {100 * AVAILABILITY.target:g} % is promised", *_counted(api_id), share)


def _budget(api_id: str) -> Graph:
    budget = round(AVAILABILITY.budget, 9)
    left = f"100 * (1 - FILL(faults, 0) / requests / {budget})"
    return _number(
        "Left of the error budget", *_counted(api_id), Formula(expression=left, label="percent; below 0 is overspent")
    )


def _quick(api_id: str) -> Graph:
    share = of_api(api_id, "Latency", "percent of the requests", statistic=f"PR(:{LATENCY.limit:.0f})")
    return _number(f"Within {LATENCY.limit:.0f} ms: {100 * LATENCY.target:g} % is promised", share)


def _by_day(api_id: str) -> Graph:
    lines = (of_api(api_id, "Count", "requests"), of_api(api_id, "5xx", "faults (5xx)"))
    return Graph(title="Requests", lines=lines, width=12, height=8)
