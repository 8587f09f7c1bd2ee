"""Let the clients that customers have say whether what we serve is what the standards describe.

make conformance                  which of their demands hold
freehold conformance --json       the figures, and what failed, on standard output
"""

import argparse
import contextlib
import json
import sys
from dataclasses import asdict, dataclass, field

import pytest

from local import errors
from local.project import ROOT

DEMANDS = ROOT / "tests" / "conformance"


@dataclass(eq=False)  # pytest keeps its plugins in sets
class Tally:
    """What pytest says of each demand, as a plugin of it. What could not be asked has failed."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test."""
        if not report.passed and report.nodeid not in self.failed:
            self.failed.append(report.nodeid)
        elif report.passed and report.when == "call":
            self.passed += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """One file that was read, or could not be."""
        if report.failed:
            self.failed.append(report.nodeid)

    def __str__(self) -> str:
        return f"conformance: {self.passed} passed, {len(self.failed)} failed"


def main() -> None:
    """Exit with 0 where every demand holds, 1 where one does not, could not be asked, or none was."""
    parser = argparse.ArgumentParser(
        prog="freehold conformance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    as_json: bool = parser.parse_args().json
    tally = Tally()
    with contextlib.redirect_stdout(sys.stderr if as_json else sys.stdout):
        code = pytest.main([str(DEMANDS), "--quiet", f"--rootdir={ROOT}"], plugins=[tally])
        print(tally)
    if as_json:
        print(json.dumps(asdict(tally), indent=2))
    sys.exit(0 if code == pytest.ExitCode.OK and tally.passed and not tally.failed else 1)


if __name__ == "__main__":
    errors.run(main)
