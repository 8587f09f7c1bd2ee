"""An emulated SES with one verified domain, and the functions of mails."""

import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from freehold.email.gateway import Mailer as Gateway
from freehold.email.gateway import Ses
from freehold.email.sending import sending
from freehold.jobs.worker import work
from freehold.messaging.batch import Failures
from freehold.settings import settings
from local import aws
from local.companies import Company
from local.emulator import Emulator
from tests.email.mails import Mailer, batch, hand_over

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An account of which freehold.test is."""
    with Emulator(tmp_path_factory.mktemp("emulator")) as emulator:
        _client(emulator).create_email_identity(EmailIdentity="freehold.test")
        yield emulator


@pytest.fixture(scope="session")
def emulated(emulator: Emulator) -> Callable[[str], Ses]:
    """Makes the real gateway, led to the emulator; it takes the address that mails come from."""
    client = _client(emulator)
    return lambda mail_from: Ses(mail_from=mail_from, configuration_set="freehold-test", client=client)


def _client(emulator: Emulator) -> "SESV2Client":
    return aws.session().client("sesv2", **aws.at(emulator.endpoint))


@pytest.fixture
def pages(stage: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the links of mails lead."""
    monkeypatch.setenv("FREEHOLD_PUBLIC_URL", "https://app.freehold.test")
    settings.cache_clear()
    yield "https://app.freehold.test"
    settings.cache_clear()


@pytest.fixture
def notify(pages: str) -> Callable[..., list[int]]:
    """Hands messages to the function of that name; the answer is which of them failed, by their place."""
    return _calling("notify")


@pytest.fixture
def mail_feedback(pages: str) -> Callable[..., list[int]]:
    """Likewise."""
    return _calling("mail_feedback")


@pytest.fixture
def mailer() -> Mailer:
    return Mailer()


@pytest.fixture
def send_mails(pages: str, mailer: Mailer) -> Callable[..., list[int]]:
    """Hands messages, or else a company's waiting mails, to the function; this mailer stands in for SES."""
    return _sending(mailer)


@pytest.fixture
def send_mails_by(pages: str) -> Callable[[Gateway], Callable[..., list[int]]]:
    """Likewise, with a mailer of the test's."""
    return _sending


@pytest.fixture
def owner_address(acme: Company) -> str:
    return f"{acme.owner.subject}@example.test"


def _sending(mailer: Gateway) -> Callable[..., list[int]]:
    handler = work(sending(lambda: mailer))
    return lambda company, *messages: _failed(handler, messages or hand_over(company))


def _calling(function: str) -> Callable[..., list[int]]:
    handler = importlib.import_module(f"functions.{function}.handler").handler
    return lambda *messages: _failed(handler, messages)


def _failed(handler: Callable[..., Failures], messages: Sequence[dict[str, Any]]) -> list[int]:
    event = batch(*messages)
    places = {record["messageId"]: place for place, record in enumerate(event["Records"])}
    return [places[failure["itemIdentifier"]] for failure in handler(event, None)["batchItemFailures"]]
