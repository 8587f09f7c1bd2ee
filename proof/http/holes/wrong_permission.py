"""Revoking a key asks for a permission that everybody holds."""

from collections.abc import Iterator
from contextlib import contextmanager

from freehold import permissions
from proof.http.families import Focus
from proof.http.planting import replaced

FOCUS = Focus(
    routes=("DELETE /v1/api-keys/{api_key_id}",), families=("routes",), principals=("viewer of B", "read key of B")
)


@contextmanager
def plant() -> Iterator[None]:
    """A constant that was copied."""
    with replaced(permissions, "API_KEYS_WRITE", permissions.TENANT_READ):
        yield
