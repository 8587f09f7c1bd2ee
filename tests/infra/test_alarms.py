"""Whoever is woken finds the alarm's sentence in the runbook, with what to type."""

import re

from tests.infra.conftest import ROOT
from tests.infra.templates import of_type

PAGE = ROOT / "docs" / "runbooks" / "alarms.md"
ROW = re.compile(r"^\| `(?P<sentence>[^`]+)` \| (?P<means>[^|]+) \| (?P<command>[^|]*`[^|]+) \|$")


def explained():
    """What each row of the page is about."""
    rows = [match for line in PAGE.read_text().splitlines() if (match := ROW.match(line))]
    return [re.escape(row["sentence"]).replace("FUNCTION", r"\w+").replace("QUEUE", r"[\w-]+") for row in rows]


def sentences(templates):
    found = [of_type(template, "AWS::CloudWatch::Alarm").values() for template in templates.values()]
    return {alarm["AlarmDescription"] for alarms in found for alarm in alarms}


def unexplained(templates, rows):
    return {each for each in sentences(templates) if not any(re.fullmatch(row, each) for row in rows)}


def test_each_alarm_has_a_row_that_says_what_to_type(templates):
    assert unexplained(templates, explained()) == set()


def test_each_row_is_about_an_alarm(templates):
    assert [row for row in explained() if not any(re.fullmatch(row, each) for each in sentences(templates))] == []


def test_the_control_a_row_that_lacks_is_noticed(templates):
    [lacks, *rows] = explained()
    assert all(re.fullmatch(lacks, each) for each in unexplained(templates, rows))
    assert unexplained(templates, rows)
