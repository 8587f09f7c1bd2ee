"""Where the product connects to, and what it refuses to connect to."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = "from freehold.database.connection import conninfo; print(conninfo('freehold_api'))"


def conninfo(database: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(ROOT / "layers"), "FREEHOLD_DATABASE": database}
    return subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("mode", ["", "sslmode=disable", "sslmode=prefer", "sslmode=require", "sslmode=verify-ca"])
def test_another_machine_without_verified_tls_is_refused(mode):
    result = conninfo(f"host=db.example.com dbname=freehold {mode}")
    assert result.returncode == 1
    assert "sslmode=verify-full" in result.stderr


def test_another_machine_with_verified_tls_is_taken():
    result = conninfo("host=db.example.com dbname=freehold sslmode=verify-full sslrootcert=system")
    assert "user=freehold_api" in result.stdout


def test_this_machine_is_taken():
    assert "user=freehold_api" in conninfo("host=127.0.0.1 dbname=freehold").stdout


def test_a_missing_setting_is_a_sentence():
    result = conninfo("")
    assert result.stderr.startswith("FREEHOLD_DATABASE is not set")


@pytest.mark.parametrize("hidden", ["host=127.0.0.1,db.example.com", "host=127.0.0.1 hostaddr=192.0.2.7", "service=x"])
def test_a_way_around_is_refused(hidden):
    assert conninfo(f"{hidden} dbname=freehold").returncode == 1
