"""The processors of this machine, shared out among what runs side by side.

A client and its server that wake each other across processors wait for it each time, most of all on a virtual machine:
kept together, they answer each other twice as fast.
"""

import os
import sys


def keep_together(number: int, of: int, *, process: int = 0) -> None:
    """Keep a process, and whatever it starts, to the share `number` of `of`, counted from 0. Process 0 is this one.

    Where the system knows no such thing, or there are fewer processors than shares, it runs on all.
    """
    if sys.platform == "linux":
        there = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(process, share(there, number, of))


def share(there: list[int], number: int, of: int) -> list[int]:
    """Each has as many as each other, to one; all of them have all where there are too few."""
    return there[number::of] if len(there) >= of else there
