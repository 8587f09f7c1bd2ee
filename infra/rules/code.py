"""What the running code says of itself, read from its source: infrastructure imports none of it."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_LAYERS = Path(__file__).resolve().parents[2] / "layers" / "freehold"
_ROLES = _LAYERS / "database" / "migrations" / "bootstrap.py"
_LOGIN = _LAYERS / "database" / "login.py"
_UNIT = _LAYERS / "database" / "unit.py"
_REGISTRY = _LAYERS / "sso" / "registry.py"
_KEYS = _LAYERS / "identity" / "jwks.py"
_SETTINGS = _LAYERS / "settings.py"
READ = (_ROLES, _LOGIN, _UNIT, _REGISTRY, _KEYS, _SETTINGS)
"""An edit of any of these may break a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long the code and the database's roles wait, in seconds."""

    statement: float
    transaction: float
    client: float
    """After which a server that says nothing counts as dead."""
    connect: float
    lookup: float
    """Of the authorizer: its question to the database, and an identity provider's two documents."""


@cache
def read_limits() -> Limits:
    """As the source has them."""
    roles = _literal(_ROLES, "REQUEST_SETTINGS")
    return Limits(
        statement=_seconds(roles["statement_timeout"]),
        transaction=_seconds(roles["transaction_timeout"]),
        client=_literal(_UNIT, "LONGEST"),
        connect=float(_literal(_LOGIN, "CONNECT_TIMEOUT")),
        lookup=_literal(_REGISTRY, "LONGEST_LOOKUP") + 2 * _literal(_KEYS, "TIMEOUT"),
    )


@cache
def read_settings() -> frozenset[str]:
    """Names of the environment variables that functions read."""
    [found] = [node for node in _tree(_SETTINGS).body if isinstance(node, ast.ClassDef) and node.name == "Settings"]
    fields = (node.target for node in found.body if isinstance(node, ast.AnnAssign))
    return frozenset(f"FREEHOLD_{field.id.upper()}" for field in fields if isinstance(field, ast.Name))


def _literal(path: Path, name: str) -> Any:  # noqa: ANN401 (whatever stands there)
    """The value that the module gives the name."""
    for node in _tree(path).body:
        if isinstance(node, ast.Assign) and any(isinstance(n, ast.Name) and n.id == name for n in node.targets):
            return ast.literal_eval(node.value)
    raise LookupError(f"{path} gives no name {name} a literal value: say in infra/rules/code.py where it is now.")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _seconds(setting: str) -> float:
    """A duration as PostgreSQL writes it."""
    for unit, factor in (("ms", 0.001), ("min", 60), ("s", 1)):
        if setting.endswith(unit):
            return float(setting.removesuffix(unit)) * factor
    return float(setting) / 1000
