"""What was measured of a stage, as CloudWatch or a file says it."""

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.errors import SynthesisError

type Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Measurements(BaseModel):
    """Of the busiest hour of the last days. What is absent was not measured, and nothing is advised by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    database_cpu_percent: Amount | None = Field(None, le=100, description="p95 of the writer's processor")
    connections: Amount | None = Field(None, description="most connections to the database at once")
    connections_allowed: Amount | None = Field(None, gt=0, description="`show max_connections`")
    p99_ms: Amount | None = Field(None, description="p99 of the API's latency")
    egress_mbit: Amount | None = Field(None, description="most megabits a second through one way out")
    slowest_job_seconds: Amount | None = Field(None, description="the longest call of a worker that runs jobs")
    largest_tenant_times: Amount | None = Field(None, description="the largest tenant's requests over the median's")
    warm_utilization: Amount | None = Field(None, le=1, description="most of the warm instances in use, 0 to 1")
    warm_spillovers: Amount | None = Field(None, description="calls that found no warm instance")
    pinned_sessions: Amount | None = Field(None, description="most sessions that the proxy could not share")
    acu_percent: Amount | None = Field(None, le=100, description="most of the serverless capacity in use")
    throttles: Amount | None = Field(None, description="calls that Lambda refused")
    relay_late_seconds: Amount | None = Field(None, description="the oldest event that the relay passed on")


def read_measurements(path: Path) -> Measurements:
    """From JSON or TOML. Raises SynthesisError with a sentence for each thing that is wrong."""
    try:
        text = path.read_text()
        said: Any = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except RecursionError as error:
        raise SynthesisError(f"{path} cannot be read: its lists or objects lie too deep in one another.") from error
    except (OSError, ValueError) as error:
        raise SynthesisError(f"{path} cannot be read as {path.suffix.lstrip('.') or 'JSON'}: {error}.") from error
    return validated(said, str(path))


def validated(said: object, where: str) -> Measurements:
    """Raises SynthesisError with a sentence for each thing that is wrong."""
    try:
        return Measurements.model_validate(said)
    except ValidationError as invalid:
        raise SynthesisError(" ".join(_sentence(dict(error), where) for error in invalid.errors())) from invalid


def _sentence(error: dict[str, Any], where: str) -> str:
    name = ".".join(map(str, error["loc"]))
    if error["type"] == "extra_forbidden":
        return f"{where}: {name} is nothing that is measured; there are {', '.join(Measurements.model_fields)}."
    if not name:
        return f"{where} holds no measurements: write one object, as in docs/metrics.example.json."
    return f"{where}: {name} cannot be {error['input']!r}: {error['msg']}."
