"""An emulated SES with one verified domain."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from freehold.email.gateway import Ses
from local import aws
from local.emulator import Emulator

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An account of which freehold.test is."""
    with Emulator(tmp_path_factory.mktemp("emulator")) as emulator:
        _client(emulator).create_email_identity(EmailIdentity="freehold.test")
        yield emulator


@pytest.fixture(scope="module")
def emulated(emulator: Emulator) -> Callable[[str], Ses]:
    """Makes the real gateway, led to the emulator; it takes the address that mails come from."""
    client = _client(emulator)
    return lambda mail_from: Ses(mail_from=mail_from, configuration_set="freehold-test", client=client)


def _client(emulator: Emulator) -> "SESV2Client":
    return aws.session().client("sesv2", **aws.at(emulator.endpoint))
