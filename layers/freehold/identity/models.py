"""What a verified access token says."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LATEST = 253402300799  # the last second of the year 9999


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it contains control characters")
    return text


type Printable = Annotated[str, AfterValidator(_printable), Field(min_length=1, max_length=320)]


class Claims(BaseModel):
    """The claims that we use; `issued_at` and `expires_at` in seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    issuer: Printable = Field(alias="iss")
    subject: Printable = Field(alias="sub")
    issued_at: int = Field(alias="iat", ge=0, le=LATEST)
    expires_at: int = Field(alias="exp", ge=0, le=LATEST)
    email: Printable | None = None
    name: Printable | None = None
