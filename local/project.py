"""Where the project lies, and where it keeps what can be deleted."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".freehold"
DEV = STATE / "dev"
DEMO = STATE / "demo"
EMULATOR_PYTHON = STATE / "emulator" / "bin" / "python"
