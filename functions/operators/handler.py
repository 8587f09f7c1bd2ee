"""What operators invoke, by IAM: who they are, and then the answer to what they ask (`questions.py`)."""

from typing import Any

from freehold.database import database
from freehold.errors import ApiError
from freehold.observability import Observation, begun, is_cold, logger, observing
from freehold.releases import checked
from functions.operators.identity import operator_of
from functions.operators.questions import answered

OPERATOR = database("freehold_operator")


@checked("freehold_operator")
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401 (Lambda's)
    """`proof` says who asks; the rest of the event is the question."""
    account = context.invoked_function_arn.split(":")[4]
    question = {name: value for name, value in event.items() if name != "proof"}
    try:
        operator = operator_of(event.get("proof"), function=context.function_name, account=account)
    except ApiError as error:
        return {"error": error.detail, "code": error.code}
    request_id = context.aws_request_id
    with observing(Observation(begun(context, request_id, principal="operator", cold_start=is_cold()))):
        logger.info("operator", ask=question.get("ask"))  # who it was, the line in the database says
        return answered(OPERATOR, question, operator=operator, request_id=request_id)
