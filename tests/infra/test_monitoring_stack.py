"""What whoever is on call sees, and the founder: every graph is of a metric that there is."""

import json

import pytest

from infra.constructs.widgets import WIDTH, Graph, Line, Words, _placed
from infra.metrics import NAMESPACE
from infra.stage import STAGES
from tests.infra.cloudwatch import ids_in
from tests.infra.templates import of_type, only, parameters_written, text
from tests.infra.test_alarms import filtered, is_known

WOKEN = pytest.mark.parametrize("stage", [s for s in STAGES.values() if s.watch.wakes], ids=lambda s: s.name)
FREE_DASHBOARDS = 3


@pytest.fixture
def monitoring(stacks):
    return stacks["monitoring"]


def dashboards(template):
    """The body of each, by name; what is only known when it is deployed is X."""
    found = {}
    for each in of_type(template, "AWS::CloudWatch::Dashboard").values():
        parts = each["DashboardBody"]["Fn::Join"][1]
        body = "".join(part if isinstance(part, str) else "X" for part in parts)
        found[each["DashboardName"]] = json.loads(body)
    return found


def graphs(template):
    for body in dashboards(template).values():
        yield from (each["properties"] for each in body["widgets"] if each["type"] == "metric")


def metrics(graph):
    """Namespace, name and dimensions of each line that is no formula."""
    for line in graph["metrics"]:
        if isinstance(line[0], str):
            yield line[0], line[1], line[2:-1:2]


def unknown(stacks):
    """What a graph shows and nobody reports."""
    ours = filtered(stacks)
    return [
        name
        for graph in graphs(stacks["monitoring"])
        for namespace, name, dimensions in metrics(graph)
        if not (namespace == NAMESPACE and name in ours) and not is_known(namespace, name, dimensions)
    ]


def overlapping(widgets):
    """Pairs that stand on one another, and those that stand beside the dashboard."""
    cells = [
        {(x, y) for x in range(w["x"], w["x"] + w["width"]) for y in range(w["y"], w["y"] + w["height"])}
        for w in widgets
    ]
    twice = [i for i, one in enumerate(cells) for other in cells[:i] if one & other]
    return twice + [i for i, one in enumerate(cells) if max(x for x, _ in one) >= WIDTH]


@WOKEN
class TestDashboards:
    def test_are_no_more_than_cost_nothing(self, monitoring, stage):
        pages = {f"freehold-{stage.name}"} if stage.watch.metrics else set()
        assert dashboards(monitoring).keys() == {f"freehold-{stage.name}-on-call"} | pages
        assert len(dashboards(monitoring)) <= FREE_DASHBOARDS

    def test_show_what_there_is(self, stacks):
        assert unknown(stacks) == []

    def test_have_formulas_of_their_own_lines(self, monitoring):
        for graph in graphs(monitoring):
            ids = {line[-1]["id"] for line in graph["metrics"] if "id" in line[-1]}
            formulas = [line[0]["expression"] for line in graph["metrics"] if isinstance(line[0], dict)]
            used = {used for each in formulas if "SEARCH" not in each for used in ids_in(each)}
            assert used == ids, graph["title"]

    def test_have_nothing_on_top_of_something_else(self, monitoring):
        for body in dashboards(monitoring).values():
            assert overlapping(body["widgets"]) == []

    def test_show_what_the_stage_has(self, monitoring, stage):
        titles = text([*graphs(monitoring)])
        assert ("ServerlessDatabaseCapacity" in titles) is (stage.name == "scale")
        assert ("ColdStarts" in titles) is stage.watch.metrics
        assert "DatabaseConnectionsCurrentlySessionPinned" in titles

    def test_lead_to_deployments_and_runbooks(self, monitoring, stage):
        for body in dashboards(monitoring).values():
            assert f"freehold deployments --stage {stage.name}" in text(body)
        assert "docs/runbooks/alarms.md" in text(dashboards(monitoring))

    def test_count_the_founders_over_the_window_of_the_objectives(self, monitoring, stage):
        own = f"freehold-{stage.name}" if stage.watch.metrics else f"freehold-{stage.name}-on-call"
        page = dashboards(monitoring)[own]
        assert page["start"] == ("-P28D" if stage.watch.metrics else "-PT6H")
        left = [line[0]["expression"] for g in graphs(monitoring) for line in g["metrics"] if isinstance(line[0], dict)]
        assert "100 * (1 - FILL(faults, 0) / requests / 0.001)" in left

    def test_name_the_alarms_of_the_api(self, monitoring, stacks):
        named = {each["AlarmName"] for each in of_type(stacks["gateway"], "AWS::CloudWatch::Alarm").values()}
        assert [name for name in named if f"alarm:{name}" not in text(dashboards(monitoring))] == []


class TestPlanted:
    def test_a_metric_that_nobody_knows_is_refused(self):
        line = Line(namespace="AWS/RDS", name="CPUUsage", dimensions={"DBClusterIdentifier": "a"}, label="")
        with pytest.raises(LookupError, match="knows no metric CPUUsage of AWS/RDS by DBClusterIdentifier"):
            line.drawn()

    def test_a_metric_of_a_filter_that_is_gone_would_be_found(self, stacks, stage):
        if stage.watch.wakes:
            workers = stacks["workers"]["Resources"]
            [name] = [n for n, r in workers.items() if n.startswith("RelayOldest") and "MetricFilter" in r["Type"]]
            del workers[name]
            assert unknown(stacks) == [f"{stage.name}-oldest-event"]

    def test_a_row_that_is_too_wide_is_refused(self):
        with pytest.raises(ValueError, match="32 columns wide"):
            list(_placed([[Words(markdown="", width=16), Words(markdown="", width=16)]], "r"))

    def test_widgets_that_overlap_would_be_found(self):
        widgets = list(_placed([[Graph(title="", lines=[]), Words(markdown="")]], "r"))
        assert overlapping(widgets) == []
        widgets[1]["x"] = 4
        assert overlapping(widgets) == [1]


class TestSandbox:
    @pytest.mark.parametrize("stage", [STAGES["sandbox"]], ids=["sandbox"])
    def test_has_no_monitoring(self, stacks):
        assert "monitoring" not in stacks


@WOKEN
class TestWaysOut:
    def test_are_each_watched_as_what_they_are(self, monitoring, stage):
        alarms = of_type(monitoring, "AWS::CloudWatch::Alarm").values()
        watched = [each["MetricName"] for each in alarms if each.get("Namespace") in {"AWS/EC2", "AWS/NATGateway"}]
        if stage.egress == "gateway":
            assert watched == ["ErrorPortAllocation"] * stage.ways_out
        else:
            assert sorted(watched) == ["StatusCheckFailed_Instance", "StatusCheckFailed_System"] * stage.ways_out

    def test_are_mended_where_that_can_be(self, monitoring, stage):
        does = {
            each["MetricName"]: text(each["AlarmActions"])
            for each in of_type(monitoring, "AWS::CloudWatch::Alarm").values()
            if each.get("Namespace") == "AWS/EC2"
        }
        if stage.egress == "instance":
            assert ":ec2:recover" in does["StatusCheckFailed_System"]
            assert ":ec2:reboot" in does["StatusCheckFailed_Instance"]

    def test_are_named_by_the_network(self, stacks, stage):
        [named] = [v for path, v in parameters_written(stacks["network"]).items() if path.endswith("/network/ways-out")]
        kind = "AWS::EC2::NatGateway" if stage.egress == "gateway" else "AWS::EC2::Instance"
        made = of_type(stacks["network"], kind)
        assert [name for name in made if name not in text(named)] == []


@WOKEN
class TestDatabase:
    def test_is_known_by_the_names_that_the_cell_gives(self, stacks, monitoring, stage):
        dimensions = text(of_type(monitoring, "AWS::CloudWatch::Alarm"))
        assert only(stacks["cell"], "AWS::RDS::DBProxy")["DBProxyName"] == f"freehold-{stage.name}-pool"
        assert f'"ProxyName", "Value": "freehold-{stage.name}-pool"' in dimensions
        [cluster] = [
            r["Properties"] for r in stacks["cell"]["Resources"].values() if r["Type"] == "AWS::RDS::DBCluster"
        ]
        assert cluster["DBClusterIdentifier"] == f"freehold-{stage.name}-pool"
