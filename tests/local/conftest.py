"""Fixtures for the machinery of the laptop: everything on free ports, everything ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import postgres
from local.emulator import Emulator
from local.scratch import scratch


@pytest.fixture
def folder() -> Iterator[Path]:
    """A server's folder, removed with what lies elsewhere for it."""
    with scratch() as made:
        yield made / "postgres"
        postgres.discard(made / "postgres")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An empty account."""
    with Emulator(tmp_path_factory.mktemp("emulator")) as emulator:
        yield emulator
