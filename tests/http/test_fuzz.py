"""Random input through every route that takes a body: refused or accepted, never a failure of ours."""

import json
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.companies import Company
from local.gateway import ROUTES

WITH_BODY = [route for route in ROUTES if route.partition(" ")[0] in {"POST", "PATCH"}]
NAMES = st.sampled_from(["name", "description", "scopes", "expires_at", "tenant_id", ""]) | st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=4).map(json.dumps).map(str.encode)
HEADER = st.text(st.sampled_from(string.printable + "äß\u2028\x00"), max_size=20)


@pytest.mark.parametrize("route", WITH_BODY)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=DOCUMENTS | st.binary(max_size=60), header=HEADER)
def test_never_fails(acme: Company, route: str, raw: bytes, header: str):
    method, _, path = route.partition(" ")
    path = path.replace("{project_id}", str(acme.id)).replace("{api_key_id}", str(acme.id))
    headers = {"If-Match": header or "*", "X-Correlation-Id": header}
    answer = acme.owner.call(method, path, raw=raw, headers=headers)
    assert answer.status < 500, (raw, answer)
