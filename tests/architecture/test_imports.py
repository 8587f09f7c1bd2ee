"""What a function loads: the lean ones pay for nothing that they do not use."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"fastapi", "starlette", "mangum", "psycopg", "boto3", "stripe"}


def loaded_by(folder: str) -> set[str]:
    program = f"import functions.{folder}.handler, sys; print(' '.join(sys.modules))"
    environment = {
        "PYTHONPATH": f"{ROOT}:{ROOT / 'layers'}",
        "FREEHOLD_DATABASE": "host=127.0.0.1 port=1 dbname=freehold",
    }
    result = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(result.stdout.splitlines()[-1].split()) & HEAVY


@pytest.mark.parametrize(
    ("folder", "needed"),
    [
        ("authorizer", {"psycopg"}),
        ("openapi", set()),
        ("health", {"psycopg"}),
        ("usage", {"psycopg"}),
        ("ofrep", {"psycopg"}),
        ("projects", {"psycopg", "fastapi", "starlette", "mangum"}),
    ],
)
def test_a_function_loads_only_what_it_needs(folder, needed):
    assert loaded_by(folder) == needed
