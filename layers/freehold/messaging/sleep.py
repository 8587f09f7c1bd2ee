"""Lets a database sleep: what the clock calls often looks first whether anybody was there since it was called last.

Whoever uses the database leaves something to do behind, and a connection that stays open for minutes. Where nobody was
connected there is nothing to do, and connecting to find that out would wake the database, and bill for minutes. What is
due by time alone waits for the next that uses it, or for what the clock calls once a day.

Its own calls are not to be taken for somebody: all of them come in the same minute, end with their connections closed,
and look past that minute.
Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
"""

from datetime import datetime, timedelta

from freehold import clock
from freehold.messaging.aws import client
from freehold.observability import logger
from freehold.settings import settings

PAST_OURS = timedelta(minutes=1)
"""After the minute in which the clock calls."""


def is_left_alone() -> bool:
    """Whether the stage's database may go on sleeping. Where that cannot be found out, it is woken."""
    if (sleeper := settings().sleeper) is None:
        return False
    try:
        return not _connected(sleeper.cluster, clock.now() - timedelta(minutes=sleeper.minutes) + PAST_OURS)
    except Exception as error:  # noqa: BLE001 (whatever it is, what waits is done)
        logger.warning("nobody knows whether the database sleeps", exc_info=error)
        return False


def _connected(cluster: str, since: datetime) -> bool:
    asked = {
        "Namespace": "AWS/RDS",
        "MetricName": "DatabaseConnections",
        "Dimensions": [{"Name": "DBClusterIdentifier", "Value": cluster}],
    }
    query = {"Id": "connections", "MetricStat": {"Metric": asked, "Period": 60, "Stat": "Maximum"}}
    answer = client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=since, EndTime=clock.now(), MaxDatapoints=100
    )
    return any(answer["MetricDataResults"][0]["Values"])
