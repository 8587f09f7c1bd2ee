"""What GET /health is, for the OpenAPI document."""

from typing import Literal

from pydantic import BaseModel

from freehold.http.lean import Operation


class Health(BaseModel):
    """It answers, and so does its database; else this is a 503 problem."""

    status: Literal["ok"] = "ok"


OPERATIONS = (Operation(method="GET", path="/health", summary="Whether this stage can answer", model=Health),)
