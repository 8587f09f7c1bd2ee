"""What runs side by side has processors of its own."""

import os
import subprocess
import sys

import pytest

from local.processors import keep_together, share


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
def test_a_process_is_kept_to_its_share():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        keep_together(0, of=1000, process=process.pid)
        assert os.sched_getaffinity(process.pid) == os.sched_getaffinity(0)
        keep_together(0, of=len(os.sched_getaffinity(0)), process=process.pid)
        assert len(os.sched_getaffinity(process.pid)) == 1
        process.communicate(b"\n")
