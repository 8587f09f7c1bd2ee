"""The tenants that attack one another, and the mark by which what is theirs is known wherever it turns up."""

import secrets
import time
from dataclasses import dataclass, field
from uuid import UUID


def marked_uuid(mark: str) -> str:
    """A fresh uuid, version 7, that ends with the mark."""
    milliseconds = f"{time.time_ns() // 1_000_000:012x}"
    filler = secrets.token_hex(4)
    return f"{milliseconds[:8]}-{milliseconds[8:]}-7{filler[:3]}-8{filler[3:6]}-{mark}"


def new_mark() -> str:
    """Twelve hexadecimal digits: long enough to mean nobody else, and the length of a uuid's end."""
    return secrets.token_hex(6)


def power(mark: str) -> str:
    """What stands for a permission of the tenant's: whoever gives it has to hold it."""
    return f"c{mark}"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant, and one person who belongs to it and to no other."""

    name: str
    mark: str = field(default_factory=new_mark)

    @property
    def id(self) -> str:
        """The same each time."""
        return str(UUID(f"01900000-0000-7000-8000-{self.mark}"))

    @property
    def issuer(self) -> str:
        """Of the person."""
        return f"https://{self.mark}.example.test"

    @property
    def subject(self) -> str:
        """Of the person."""
        return f"person-{self.mark}"

    @property
    def settings(self) -> dict[str, str]:
        """What a unit of work of this tenant sets."""
        return {
            "app.tenant_id": self.id,
            "app.issuer": self.issuer,
            "app.subject": self.subject,
            "app.principal": f"member:{self.id}",
            "app.member_id": self.id,
            "app.permissions": power(self.mark),
            "app.scope": "tenant",
            "app.granted": "",
            "app.request_id": f"request-{self.mark}",
            "app.address": "192.0.2.1",
        }
