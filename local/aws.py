"""AWS clients of the emulator: fixed test credentials, one region, and no way to anybody's real account."""

import os
from functools import cache
from typing import TypedDict

import boto3
from botocore.config import Config

REGION = "us-east-1"
ACCOUNT = "000000000000"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
NO_ACCOUNT = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

_CONFIG = Config(
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
    proxies={},  # loopback goes through no proxy, whatever the environment says
)


class Target(TypedDict):
    """The arguments that point a client at the emulator."""

    endpoint_url: str
    config: Config


def at(endpoint: str) -> Target:
    """For `session().client(service, **at(endpoint))`."""
    return {"endpoint_url": endpoint, "config": _CONFIG}


@cache
def session() -> boto3.Session:
    """The one session. Making it takes every way to a real account out of this process: profiles, files, keys."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(NO_ACCOUNT)
    key_id, secret = CREDENTIALS.values()
    return boto3.Session(aws_access_key_id=key_id, aws_secret_access_key=secret, region_name=REGION)
