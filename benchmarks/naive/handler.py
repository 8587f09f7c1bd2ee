"""FastAPI behind Mangum, boto3 and stripe at the top of the module, a session for each request: the usual way."""

import os
from typing import Annotated, Any

import boto3
import psycopg
import stripe
from fastapi import FastAPI, Header
from mangum import Mangum
from pydantic import BaseModel

stripe.api_key = "sk_test_of_nobody"
secrets_manager = boto3.client("secretsmanager", region_name="eu-central-1")
app = FastAPI()


class Project(BaseModel):
    """A project."""

    id: str
    name: str
    description: str
    version: int


ENTER = "select set_config('app.tenant_id', %s, true), set_config('app.scope', 'tenant', true)"


@app.get("/v1/projects/{project_id}")
def read(project_id: str, freehold_tenant: Annotated[str, Header()]) -> dict[str, Any]:
    """One project, in four round trips."""
    with psycopg.connect(os.environ["DATABASE"]) as connection:
        connection.execute(ENTER, [freehold_tenant])
        row = connection.execute(
            "select id::text, name, description, version from app.projects where tenant_id = %s and id = %s",
            [freehold_tenant, project_id],
        ).fetchone()
    if row is None:
        return {}
    return Project(id=row[0], name=row[1], description=row[2], version=row[3]).model_dump()


handler = Mangum(app, lifespan="off")
