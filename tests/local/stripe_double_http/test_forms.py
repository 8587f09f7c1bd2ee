"""Nested parameters: what Stripe's client writes is read back as what it was given."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stripe._encode import _api_encode

from local.stripe_double.forms import Malformed, decode, encode

NAMES = st.text("abc_0", min_size=1, max_size=4).filter(lambda name: not name.isdecimal())
LEAVES = st.text(max_size=5).filter(lambda text: "\0" not in text)
VALUES = st.recursive(
    LEAVES,
    lambda below: st.lists(below, min_size=1, max_size=3) | st.dictionaries(NAMES, below, min_size=1, max_size=3),
)


def by_sdk(params):
    """As Stripe's client encodes them, in pairs."""
    return encode(dict(_api_encode(params)))


class TestDecode:
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
    @given(st.dictionaries(NAMES.filter(lambda name: name != "metadata"), VALUES, max_size=4))
    def test_reads_what_stripes_client_writes(self, params):
        assert decode(by_sdk(params)) == params

    @pytest.mark.parametrize(
        ("text", "read"),
        [
            ("items[0][price]=p&items[1][price]=q", {"items": [{"price": "p"}, {"price": "q"}]}),
            ("items[10]=b&items[9]=a", {"items": ["a", "b"]}),
            ("expand[]=a&expand[]=b", {"expand": ["a", "b"]}),
            ("metadata[0]=a&metadata[k]=b", {"metadata": {"0": "a", "k": "b"}}),
            ("metadata[0]=a", {"metadata": {"0": "a"}}),
            ("a%5Bb%5D=1+2%2B3", {"a": {"b": "1 2+3"}}),
            ("metadata=", {"metadata": ""}),
            ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
            ("", {}),
        ],
    )
    def test_follows_stripes_notation(self, text, read):
        assert decode(text) == read

    @pytest.mark.parametrize(
        "text",
        [
            "a=1&a[b]=2",
            "a[b]=1&a=2",
            "a[b=1",
            "a]b=1",
            "[a]=1",
            "a[b]c=1",
            "=1",
            "a" + "[b]" * 50 + "=1",
            "&".join(f"a{at}=1" for at in range(6_000)),
            "a=%00",
            "a=%ff",
            b"a=\xff",
        ],
    )
    def test_refuses_what_is_no_form(self, text):
        with pytest.raises(Malformed):
            decode(text)
