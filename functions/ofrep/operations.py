"""What the routes of OFREP are, for the OpenAPI document."""

from typing import Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from freehold.http.lean import Also, Operation

PATH = "/ofrep/v1/evaluate/flags"
REFUSED = "The request was refused: `errorCode` and `errorDetails` say why."


class EvaluationRequest(BaseModel):
    """What the rules of a flag may ask for: of what we know ourselves, such as the plan, nothing is taken from here."""

    context: dict[str, Any] = Field(
        default_factory=dict,
        description=(
            "`targetingKey` and up to 50 attributes: text of 1,000 characters at most, numbers, true, false, or lists"
            " of up to 100 of these. An object is read as `outer.inner`."
        ),
        examples=[{"targetingKey": "user_0001", "country": "CA"}],
    )


class Evaluation(BaseModel):
    """What was decided of one key, and why. A limit is an object: `limit`, `used`, `remaining` and `hard`."""

    key: str
    value: Any
    reason: Literal["STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED"]
    variant: str
    metadata: dict[str, str | float | bool] = Field(
        description=(
            "`rule` has decided; `kind` is flag, feature or limit; `until` is when it may change;"
            " `lifts` names what gives more."
        )
    )


class EvaluationFailure(BaseModel):
    """Why nothing was decided, in the words of OpenFeature."""

    key: str | None = Field(None, description="Where one key was asked for")
    errorCode: Literal["PARSE_ERROR", "INVALID_CONTEXT", "FLAG_NOT_FOUND", "GENERAL"]  # noqa: N815 (OFREP's)
    errorDetails: str  # noqa: N815 (likewise)


class Evaluations(BaseModel):
    """What was decided of every key."""

    flags: list[Evaluation | EvaluationFailure]


BODY: TypeAdapter[Any] = TypeAdapter(EvaluationRequest)
KEY = {"name": "key", "in": "path", "required": True, "schema": {"type": "string"}, "description": "What is asked"}
KNOWN = {
    "name": "if-none-match",
    "in": "header",
    "required": False,
    "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    "description": "The ETag of the answer that you have",
}

OPERATIONS = (
    Operation(
        method="POST",
        path=PATH,
        summary="Ask for every decision",
        description="Flags, features and limits, with the reason for each. Its ETag changes where any of them does.",
        tag="OpenFeature",
        model=Evaluations,
        body=BODY,
        changes=False,
        parameters=(KNOWN,),
        also=(Also(400, REFUSED, EvaluationFailure), Also(304, "What you have still holds.")),
    ),
    Operation(
        method="POST",
        path=f"{PATH}/{{key}}",
        summary="Ask for one decision",
        description="A flag, a feature or a limit, with the reason. Unlike most POSTs, this changes nothing.",
        tag="OpenFeature",
        model=Evaluation,
        body=BODY,
        changes=False,
        parameters=(KEY,),
        also=(Also(400, REFUSED, EvaluationFailure), Also(404, "There is no such key.", EvaluationFailure)),
    ),
)
