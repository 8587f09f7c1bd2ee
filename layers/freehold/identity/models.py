"""What a verified access token says."""

import math
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)

from freehold.fields import visible

MFA = ("mfa", "otp", "hwk", "swk", "sms", "tel", "fido")
LATEST = 253402300799  # the last second of the year 9999


def _whole(moment: Any) -> Any:  # noqa: ANN401 (a claim may be anything)
    """A NumericDate may have a fraction; what we compare it with has none."""
    return math.floor(moment) if isinstance(moment, float) and math.isfinite(moment) else moment


def _or_none(value: Any, usual: ValidatorFunctionWrapHandler) -> Any:  # noqa: ANN401
    """What nobody needs must not lock a person out: a claim that cannot be used is left out."""
    try:
        return usual(value)
    except ValidationError:
        return None


type Text = Annotated[str, AfterValidator(visible), Field(min_length=1, max_length=320)]
type Optional = Annotated[Text | None, WrapValidator(_or_none)]
type Truth = Annotated[bool, BeforeValidator(lambda claim: claim in (True, "true", "1"))]
type Seconds = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=LATEST)]


class Claims(BaseModel):
    """The claims that we use; `issued_at` and `expires_at` in seconds since 1970.

    Microsoft Entra says in `xms_edov` whether an address is its owner's.
    """

    model_config = ConfigDict(frozen=True)

    issuer: Text = Field(alias="iss")
    subject: Text = Field(alias="sub")
    issued_at: Seconds = Field(alias="iat")
    expires_at: Seconds = Field(alias="exp")
    email: Optional = None
    name: Optional = None
    email_verified: Truth = Field(default=False, validation_alias=AliasChoices("email_verified", "xms_edov"))
    mfa: bool = Field(default=False, alias="amr")

    @field_validator("mfa", mode="before")
    @classmethod
    def _second_factor(cls, methods: Any) -> bool:  # noqa: ANN401 (a claim may be anything)
        """Whether the methods that they signed in with (RFC 8176) name more than one factor."""
        return methods in (True, "true") or (isinstance(methods, list) and any(each in MFA for each in methods))
