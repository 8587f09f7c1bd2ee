"""docs/entitlements.md: its code runs, and what it shows of plans.toml can be read."""

import re
import tomllib

from freehold.entitlements.resolution import feature, limit
from local.project import ROOT
from tests.entitlements.parts import CATALOG, DAY, NOW, facts, grant, override

TEXT = (ROOT / "docs/entitlements.md").read_text()


def test_its_code_runs():
    examples = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert examples
    for example in examples:
        exec(example, {})  # noqa: S102 (our own words)


def test_its_examples_are_toml():
    examples = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert len(examples) == 5
    assert all(tomllib.loads(example) for example in examples)


def test_it_tells_every_kind_of_rule():
    asked = [
        feature(CATALOG, facts(), "sso", NOW),
        feature(CATALOG, facts(plan="pro"), "export", NOW),
        feature(CATALOG, facts(plan="pro", past_due_since=NOW - 9 * DAY), "export", NOW),
        feature(CATALOG, facts(grants=[grant(plan="pro")]), "export", NOW),
        feature(CATALOG, facts(overrides=[override(plan="pro")]), "export", NOW),
        limit(CATALOG, facts(plan="pro", add_ons=["room"]), "projects", NOW),
        limit(CATALOG, facts(plan="pro", subscribed_at=NOW - 900 * DAY), "projects", NOW),
    ]
    kinds = {each.rule.partition(":")[0] for each in asked}
    assert kinds | {"flag"} == set(re.findall(r"^\| `([a-z_]+):", TEXT, re.MULTILINE))
