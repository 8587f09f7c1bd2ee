"""The context object that Lambda hands to a handler."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from local.aws import ACCOUNT, REGION

_PREFIX = "X-Amzn-Lambda-"


@dataclass(frozen=True, kw_only=True)
class Context:
    """The attributes that libraries read; the names are Lambda's."""

    function_name: str
    invoked_function_arn: str
    deadline_ms: int
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "512"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    log_group_name: str = ""
    log_stream_name: str = "working-tree"

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Self:
        """From what the emulator says about an invocation."""
        name = headers[f"{_PREFIX}Function-Name"]
        return cls(
            function_name=name,
            function_version=headers[f"{_PREFIX}Function-Version"],
            invoked_function_arn=headers[f"{_PREFIX}Function-Arn"],
            aws_request_id=headers[f"{_PREFIX}Request-Id"],
            deadline_ms=int(headers[f"{_PREFIX}Deadline-Ms"]),
            log_group_name=f"/aws/lambda/{name}",
        )

    @classmethod
    def in_process(cls, function_name: str, *, timeout_seconds: int) -> Self:
        """For a handler that is called directly."""
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function_name}:live"
        return cls(
            function_name=function_name,
            invoked_function_arn=arn,
            deadline_ms=int((time.time() + timeout_seconds) * 1000),
        )

    def get_remaining_time_in_millis(self) -> int:
        """Until Lambda would stop it."""
        return max(0, self.deadline_ms - int(time.time() * 1000))
