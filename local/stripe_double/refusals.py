"""What Stripe answers when it refuses a request."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Refused(Exception):
    """One refusal, in the parts of Stripe's error object; `extra` holds further members, such as the payment intent."""

    status: int
    type: str
    message: str
    code: str | None = None
    param: str | None = None
    decline_code: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message

    def body(self) -> dict[str, Any]:
        """{"error": {...}}, without members that have no value."""
        parts = {
            "code": self.code,
            "decline_code": self.decline_code,
            "message": self.message,
            "param": self.param,
            "type": self.type,
        }
        return {"error": {name: value for name, value in parts.items() if value is not None} | self.extra}


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> Refused:
    """A request that cannot be done as it stands."""
    return Refused(400, "invalid_request_error", message, code=code, param=param)


def missing(kind: str, wanted: str, *, param: str | None = None) -> Refused:
    """400 where a parameter names something that is not there; 404 where the path does."""
    return Refused(
        400 if param else 404,
        "invalid_request_error",
        f"No such {kind.replace('_', ' ')}: '{wanted}'",
        code="resource_missing",
        param=param or "id",
    )


def unknown_path(method: str, path: str) -> Refused:
    """An address that the double does not serve."""
    return Refused(404, "invalid_request_error", f"Unrecognized request URL ({method}: {path}).")


def declined(message: str, *, code: str, decline_code: str | None = None, extra: dict[str, Any]) -> Refused:
    """A card that said no."""
    return Refused(402, "card_error", message, code=code, decline_code=decline_code, extra=extra)
