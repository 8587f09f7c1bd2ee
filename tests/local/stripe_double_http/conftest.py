"""The double over HTTP, Stripe's own client for it, and an endpoint that takes its events."""

from collections.abc import Iterator
from functools import partial

import httpx
import pytest
import requests
import stripe

from local.stripe_double.service import StripeDouble
from tests.local.stripe_double_http.listener import Listener


@pytest.fixture
def double() -> Iterator[StripeDouble]:
    with StripeDouble() as double:
        yield double
    assert double.failures == [], "the double has made a mistake of its own"


@pytest.fixture
def connect(double: StripeDouble) -> Iterator[partial[stripe.StripeClient]]:
    """Makes clients, each of which may have other options."""
    with requests.Session() as session:
        session.trust_env = False
        http = stripe.RequestsClient(session=session, timeout=5)
        given = {"base_addresses": {"api": double.url}, "http_client": http, "max_network_retries": 0}
        yield partial(stripe.StripeClient, double.secret_key, **given)


@pytest.fixture
def client(connect: partial[stripe.StripeClient]) -> stripe.StripeClient:
    return connect()


@pytest.fixture
def raw(double: StripeDouble) -> Iterator[httpx.Client]:
    """HTTP as anybody could send it, with the key."""
    headers = {"Authorization": f"Bearer {double.secret_key}"}
    with httpx.Client(base_url=double.url, headers=headers, trust_env=False, timeout=5) as raw:
        yield raw


@pytest.fixture
def browser(double: StripeDouble) -> Iterator[httpx.Client]:
    """Without a key, as people come."""
    with httpx.Client(base_url=double.url, trust_env=False, timeout=5) as browser:
        yield browser


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener
