"""What guards ask for is in the plans: a key that is mistyped stops nobody, or everybody."""

import ast
from collections.abc import Iterator

from local.project import ROOT
from product.plans import PLANS

ASKS = {"requires": PLANS.features, "require": PLANS.features, "within": PLANS.limits}
FLAGS: frozenset[str] = frozenset()
"""Flags that guards ask for: operators make them, so no file has them. Name them here."""
SOURCES = [path for folder in ("functions", "layers") for path in (ROOT / folder).rglob("*.py")]


def asked(source: str) -> Iterator[tuple[str, str]]:
    """Who asks for what, where the key stands there in so many words."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for given in node.args if name in ASKS else ():
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield name, given.value


def unknown(source: str) -> list[str]:
    return [key for guard, key in asked(source) if key not in ASKS[guard] and key not in FLAGS]


def test_every_guard_asks_for_what_there_is():
    wrong = {path.name: found for path in SOURCES if (found := unknown(path.read_text()))}
    assert wrong == {}, "correct the key, or add it to plans.toml; a flag's goes into FLAGS above"


def test_some_do():
    assert {key for path in SOURCES for _, key in asked(path.read_text())} >= {"sso", "scim"}


def test_the_control_a_mistyped_key_is_noticed():
    source = """
@router.post("", dependencies=[requires("sso"), within("projetcs")])
def make():
    require(caller, db, "scmi")
    queries.within("projects")
"""
    assert sorted(unknown(source)) == ["projetcs", "scmi"]
