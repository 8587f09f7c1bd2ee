"""What runs side by side has processors of its own."""

import os
import subprocess
import sys

import pytest

from local.processors import share


@pytest.mark.parametrize(
    ("there", "of", "shares"),
    [
        ([0, 1], 2, [[0], [1]]),
        ([0, 1, 2, 3, 4], 2, [[0, 2, 4], [1, 3]]),
        ([3], 2, [[3], [3]]),
        ([0, 1], 1, [[0, 1]]),
    ],
)
def test_a_share_is_nobody_elses_unless_there_are_too_few(there: list[int], of: int, shares: list[list[int]]):
    assert [share(there, number, of) for number in range(of)] == shares


@pytest.mark.skipif(sys.platform != "linux", reason="Another system keeps no process to a processor.")
@pytest.mark.parametrize("too_few", [False, True])
def test_what_a_process_starts_is_kept_to_its_share(*, too_few: bool):
    there = len(os.sched_getaffinity(0))
    of = there + 1 if too_few else there
    started = "import subprocess, sys; from local.processors import keep_together; keep_together(0, int(sys.argv[1]));"
    started += "subprocess.run([sys.executable, '-c', 'import os; print(len(os.sched_getaffinity(0)))'], check=True)"
    said = subprocess.run([sys.executable, "-c", started, str(of)], capture_output=True, text=True, check=True)
    assert int(said.stdout) == (there if too_few else 1)
