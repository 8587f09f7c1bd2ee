"""Lets a database sleep: what the clock calls often looks first whether anybody was there since it was called last.

Whoever uses the database leaves something to do behind, and a connection that stays open for minutes. Where nobody was
connected there is nothing to do, and connecting to find that out would wake the database, and bill for minutes. What is
due by time alone waits for the next that uses it, or for what the clock calls once a day: that does not look, and keeps
its connection as whoever uses the database does, so that all that look find it.

The calls of those that look are not to be taken for somebody: all of them come in the same minute, end with their
connections closed, and look past that minute. What comes seldom also finds what came often and found somebody.
Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from freehold import clock
from freehold.messaging.aws import client
from freehold.observability import logger
from freehold.settings import Sleeper, settings

PAST_OURS = timedelta(minutes=1)
"""After the minute in which the clock calls."""


def is_left_alone(event: Mapping[str, Any]) -> bool:
    """Whether this call may let the stage's database sleep on. Where that cannot be found out, it is woken.

    A call by hand wakes it, whatever time it says: only the clock's say that they are the clock's.
    """
    if (sleeper := settings().sleeper) is None or event.get("called_by") != "clock":
        return False
    try:
        return not _connected(sleeper, due=datetime.fromisoformat(event["scheduled_at"]))
    except Exception as error:  # noqa: BLE001 (whatever it is, what waits is done)
        logger.warning("nobody knows whether the database sleeps", exc_info=error)
        return False


def _connected(sleeper: Sleeper, *, due: datetime) -> bool:
    """Whether somebody was since the call before, however late this one comes. Raises LookupError for no answer."""
    asked = {
        "Namespace": "AWS/RDS",
        "MetricName": "DatabaseConnections",
        "Dimensions": [{"Name": "DBClusterIdentifier", "Value": sleeper.cluster}],
    }
    query = {"Id": "connections", "MetricStat": {"Metric": asked, "Period": 60, "Stat": "Maximum"}}
    [answer] = client("cloudwatch").get_metric_data(
        MetricDataQueries=[query],
        StartTime=due - timedelta(minutes=sleeper.minutes) + PAST_OURS,
        EndTime=clock.now(),
    )["MetricDataResults"]
    if answer["StatusCode"] != "Complete":
        raise LookupError(f"CloudWatch answered {answer['StatusCode']}.")
    return any(answer["Values"])
