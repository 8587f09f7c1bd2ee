"""The AWS clients of what sends: an answer within seconds, and a few calls at once."""

from typing import Any, Literal

AT_ONCE = 8  # calls


def client(service: Literal["cloudwatch", "events", "sqs"]) -> Any:  # noqa: ANN401 (boto3 makes its classes as it runs)
    """A client that many threads may use. It tries again by itself where AWS is busy or was not reached."""
    import boto3  # noqa: PLC0415 (only functions that send load it)
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        retries={"mode": "standard", "total_max_attempts": 3},
        connect_timeout=2,
        read_timeout=5,
        max_pool_connections=AT_ONCE,
    )
    return boto3.client(service, config=config)
