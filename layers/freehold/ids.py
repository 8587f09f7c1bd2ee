"""Identifiers: one type for each thing they name, the short form of a tenant's id that API keys carry, and their time.

Ids are uuidv7: the first 48 bits are milliseconds, so that ids sort by the time they were made at.
"""

from datetime import UTC, datetime, timedelta
from typing import NewType
from uuid import UUID

TenantId = NewType("TenantId", UUID)
MemberId = NewType("MemberId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
REF_LENGTH = 22
"""Base-62 digits that hold 128 bits."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AFTER_THE_TIME = 80
"""Bits of a uuidv7."""


def first_id(moment: datetime) -> UUID:
    """The least id that can be made from then on; for a moment before 1970, the least of all."""
    return UUID(int=max(0, (moment - EPOCH) // timedelta(milliseconds=1)) << AFTER_THE_TIME)


def moment_of(uuid: UUID) -> datetime:
    """When an id was made, to the millisecond."""
    return EPOCH + timedelta(milliseconds=uuid.int >> AFTER_THE_TIME)


def base62(number: int, *, length: int) -> str:
    """The number in base 62, padded with zeros to `length` digits."""
    digits = []
    while number:
        number, digit = divmod(number, 62)
        digits.append(DIGITS[digit])
    return "".join(reversed(digits)).rjust(length, "0")


def tenant_ref(tenant_id: TenantId) -> str:
    """The tenant's id as 22 letters and digits."""
    return base62(tenant_id.int, length=REF_LENGTH)


def tenant_from_ref(ref: str) -> TenantId:
    """The reverse of `tenant_ref`. Raises ValueError for anything it did not make."""
    number = 0
    for digit in ref:
        number = number * 62 + DIGITS.index(digit)
    tenant_id = TenantId(UUID(int=number))
    if tenant_ref(tenant_id) != ref:
        raise ValueError("not a tenant reference")
    return tenant_id
