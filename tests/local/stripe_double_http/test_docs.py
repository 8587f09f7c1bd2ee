"""What docs/stripe-double.md says is so: its commands are understood, its table is whole, its code runs."""

import re

import pytest

from local.project import ROOT
from local.stripe_double.__main__ import parse
from local.stripe_double.faults import KINDS

TEXT = (ROOT / "docs/stripe-double.md").read_text()


@pytest.mark.parametrize("line", re.findall(r"^    freehold stripe *(.*?) *(?:#.*)?$", TEXT, re.MULTILINE))
def test_commands_are_understood(line):
    words = re.findall(r"'([^']*)'|(\S+)", line)
    parse([quoted or plain for quoted, plain in words])


def test_every_kind_of_fault_is_told():
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)) == set(KINDS)


def test_code_runs():
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(block, {})  # noqa: S102 -- our own
