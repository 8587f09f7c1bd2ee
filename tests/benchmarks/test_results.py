"""The committed picture and table show the committed results; a run of some figures leaves the others alone."""

import json
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from benchmarks import plot, results, table
from benchmarks.families import FAMILIES
from benchmarks.figures import counted, measured
from benchmarks.goals import GOALS, LISTS, PLANS, POOLED
from benchmarks.harness.turns import Ratio

LIST = measured(LISTS, Ratio(0.304, 0.29, 0.31, 9), how="")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "benchmarks", *arguments], capture_output=True, text=True, check=False)


class TestCommitted:
    def test_picture_is_of_the_results(self):
        assert plot.FILE.read_text() == plot.render(results.read()), "run `make bench` and commit what it writes"

    def test_table_is_of_the_results(self):
        page = table.PAGE.read_text()
        assert page == table.page_with(results.read(), page), "run `make bench` and commit what it writes"

    def test_results_are_judged_by_the_goals_of_today(self):
        goals = {goal.name: goal for goal in GOALS}
        for figure in results.read():
            goal = goals[figure.name]
            assert (figure.goal, figure.direction) == (goal.limit, goal.direction), "run `make bench`"
            assert figure.holds == goal.reached(figure.value)

    def test_every_goal_has_a_result(self):
        assert {figure.name for figure in results.read()} == {goal.name for goal in GOALS}

    def test_picture_is_well_formed_and_says_every_ratio_in_words(self):
        picture = ET.fromstring(plot.FILE.read_text())  # noqa: S314 (we wrote it)
        description = picture.findtext("{http://www.w3.org/2000/svg}desc")
        assert all(figure.name in description for figure in results.read() if figure.ratio is not None)

    def test_page_has_no_figure_that_was_typed(self):
        by_hand = re.sub(
            re.escape(table.BEGIN) + ".*" + re.escape(table.END), "", table.PAGE.read_text(), flags=re.DOTALL
        )
        assert re.findall(r"\d\.\d+x", by_hand) == []


class TestFigure:
    def test_is_judged_as_it_is_shown(self):
        assert measured(LISTS, Ratio(LISTS.limit + 0.004, 0, 1, 9), how="").holds
        assert not measured(LISTS, Ratio(LISTS.limit + 0.006, 0, 1, 9), how="").holds

    def test_whose_goal_is_a_floor_holds_above_it(self):
        assert measured(POOLED, Ratio(POOLED.limit, 9, 12, 9), how="").holds
        assert not measured(POOLED, Ratio(POOLED.limit - 0.1, 9, 12, 9), how="").holds

    def test_has_the_fields_that_it_has_and_no_others(self):
        assert counted(PLANS, 0, how="h").as_json() == {
            "name": PLANS.name, "count": 0, "goal": 0, "direction": "at most", "holds": True, "how": "h"
        }  # fmt: skip
        assert {"name", "ratio", "goal", "holds", "how", "low", "high"} <= LIST.as_json().keys()

    def test_names_what_it_counts_to_people_and_to_programs(self):
        figure = counted(PLANS, 1, how="h", found=["projects reads all of notes"])
        assert figure.as_json()["found"] == ("projects reads all of notes",)
        assert table.for_terminal([figure]).splitlines()[1] == "    projects reads all of notes"


class TestRemember:
    def test_keeps_what_was_not_measured_this_time(self, tmp_path):
        file = tmp_path / "results.json"
        results.remember([counted(PLANS, 3, how=""), LIST], file)
        results.remember([counted(PLANS, 0, how="")], file)
        assert {figure["name"]: figure.get("count") for figure in json.loads(file.read_text())} == {
            PLANS.name: 0,
            LISTS.name: None,
        }

    def test_forgets_figures_that_no_longer_exist(self, tmp_path):
        file = tmp_path / "results.json"
        file.write_text(results.as_json([LIST.model_copy(update={"name": "gone"})]))
        assert results.remember([LIST], file) == [LIST]


class TestCommand:
    def test_lists_every_goal(self):
        answer = command("--list")
        assert answer.returncode == 0
        assert all(goal.name in answer.stdout for goal in GOALS)

    def test_refuses_a_name_that_it_does_not_know(self):
        answer = command("--only", "speed")
        assert answer.returncode == 2
        assert "invalid choice: 'speed'" in answer.stderr

    def test_helps_with_an_example(self):
        assert "freehold bench --only latency lists" in command("--help").stdout

    def test_every_goal_belongs_to_one_family(self):
        assert sorted(goal.name for family in FAMILIES for goal in family.goals) == sorted(goal.name for goal in GOALS)


@pytest.mark.parametrize("value", [LISTS.limit / 2, LISTS.limit, LISTS.limit * 2])
def test_a_bar_ends_at_the_goals_line_when_its_figure_just_holds(value):
    picture = plot.render([measured(LISTS, Ratio(value, value, value, 9), how="")])
    [length] = [float(found) for found in re.findall(r'class="(?:holds|short)" .* width="([\d.]+)"', picture)]
    line = plot.GOAL_AT - plot.LABELS
    assert (length > line) == (value > LISTS.limit)
