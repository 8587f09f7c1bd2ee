"""What docs/openfeature.md tells a customer's developer does what it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from infra.node import bundled_node
from tests.conformance.decided import Product
from tests.conformance.openfeature.javascript import beside

PAGE = (Path(__file__).parents[2] / "docs" / "openfeature.md").read_text()
SEATS = {"limit": 3, "used": 1, "remaining": 2, "hard": True}


def code(language: str, file: Path) -> Path:
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    file.write_text(found)
    return file


def run(product: Product, *command: str | Path) -> list[str]:
    environment = os.environ | {"FREEHOLD_URL": product.url, "FREEHOLD_TOKEN": product.key}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_python_is_served(product: Product, tmp_path: Path):
    said = run(product, sys.executable, code("python", tmp_path / "page.py"))
    assert said[0] == "True"
    assert f"value={SEATS}" in said[1]


def test_javascript_is_served(product: Product, packages: Path, tmp_path: Path):
    script = beside(packages, code("javascript", tmp_path / "page.mjs"))
    said = run(product, bundled_node(), script)
    assert said[0] == "true"
    assert json.loads(re.sub(r"(\w+):", r'"\1":', said[1])) == SEATS
