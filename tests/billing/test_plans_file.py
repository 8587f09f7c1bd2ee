"""A file that is no plan catalog is refused, every mistake in it by a sentence that names it."""

import tomllib
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.billing.plans_file import PlansInvalid, load
from local.errors import LocalError
from local.plans_lint import FILE, lint
from tests.billing.catalogs import BAD, FOLLOWED, GOOD

PIECES = [
    "{}",
    "[]",
    "[[",
    "]]",
    "true",
    "all",
    "1.5",
    "nan",
    "-1",
    '"',
    "=",
    "\n",
    "9" * 5000,
    "2027-01-01",
    "[plans.pro]",
    ".",
]
ALLOWS = """limits = { seats = 1, projects = 1, calls = 1 }
rates = { read = "2/second", write = "1/second", ingest = "1/second", directory = "1/second" }
"""
WORDS = (
    *("free", "pro", "prices", "month", "year", "base", "seat", "usage", "calls", "tiers", "amount", "amount_decimal"),
    *("rates", "limits", "grandfathered", "dunning", "withholds", "id", "before", "key_share", "read", "meter", "soft"),
    *("included", "up_to", "name", "access", "mail", "after_days", "days", "card", "plan", "until", "tenant", "usd"),
)
VALUES = st.recursive(
    st.integers() | st.floats() | st.booleans() | st.sampled_from(WORDS) | st.text(max_size=5) | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


def toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(each):08X}" for each in value if not "\ud800" <= each <= "\udfff") + '"'
        case list():
            return f"[{', '.join(toml(each) for each in value)}]"
        case dict():
            return "{" + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + "}"
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def put_somewhere(values: dict[str, Any], data: st.DataObject) -> None:
    """Another value in place of one, somewhere down the tables; or at a key more; or nothing in its place."""
    key = data.draw(st.sampled_from([*values, *WORDS]))
    if isinstance(values.get(key), dict) and data.draw(st.booleans()):
        put_somewhere(values[key], data)
    elif data.draw(st.integers(0, 5)):
        values[key] = data.draw(VALUES)
    else:
        values.pop(key, None)


def refused(text: str) -> tuple[str, ...]:
    with pytest.raises(PlansInvalid) as raised:
        load(text)
    return raised.value.sentences


class TestFile:
    def test_that_is_good_is_loaded(self):
        assert list(load(GOOD).plans) == ["free", "pro"]

    @pytest.mark.parametrize(("name", "change", "says"), BAD, ids=[case[0] for case in BAD])
    def test_with_a_mistake_says_so_and_nothing_else(self, name, change, says):
        assert change[0] in GOOD
        sentences = refused(GOOD.replace(change[0], change[1], 1))
        assert sum(says in sentence for sentence in sentences) == 1
        assert (len(sentences) > 1) == (name in FOLLOWED)
        assert all(sentence.endswith((".", ")")) for sentence in sentences)

    def test_with_an_amount_that_its_currency_cannot_be_paid_in_is_refused(self):
        dinars = GOOD.replace('"usd"', '"kwd"')
        load(dinars)
        assert "only multiples of 10 in kwd" in refused(dinars.replace("49_00", "49_05"))[0]

    def test_with_many_mistakes_names_them_all_at_once(self):
        changed = GOOD.replace("49_00", "49.0").replace('["sso"]', '["x"]').replace("after_days = 7", "after_days = 0")
        assert len(refused(changed)) == 3

    def test_leading_two_prices_to_one_lookup_key_is_refused(self):
        meters = '[meters.b_month_base]\nname = "B"\naggregation = "sum"\nunit = "b"\n'
        first, second = (
            f'[plans.{name}]\nname = "A"\ndescription = "A"\n{ALLOWS}[plans.{name}.prices.month]\n'
            for name in ("a", "a_month_usage_b")
        )
        text = f'{GOOD}{meters}{first}usage.b_month_base.amount_decimal = "1"\n{second}base.amount = 1\n'
        assert ['the lookup key "fh_a_month_usage_b_month_base"' in each for each in refused(text)] == [True]

    def test_leading_a_plan_and_an_add_on_to_one_product_is_refused(self):
        plan = f'name = "A"\ndescription = "A"\n{ALLOWS}retired = true\n'
        text = f"{GOOD}[plans.add_on_room]\n{plan}"
        assert ['the product "fh_add_on_room"' in each for each in refused(text)] == [True]

    def test_that_is_not_there_is_a_sentence_too(self, tmp_path):
        with pytest.raises(PlansInvalid, match=r"none\.toml cannot be read"):
            load(tmp_path / "none.toml")

    def test_that_is_not_text_is_a_sentence_too(self, tmp_path):
        (tmp_path / "plans.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(PlansInvalid, match="cannot be read"):
            load(tmp_path / "plans.toml")

    @given(st.data())
    @settings(max_examples=150, deadline=None)
    def test_with_any_damage_is_loaded_or_refused_in_sentences(self, data):
        text = GOOD
        for _ in range(data.draw(st.integers(1, 3))):
            begin = data.draw(st.integers(0, len(text)))
            end = data.draw(st.integers(begin, min(len(text), begin + 30)))
            text = text[:begin] + data.draw(st.sampled_from(PIECES) | st.text(max_size=5)) + text[end:]
        with suppress(PlansInvalid):
            assert load(text).plans

    @given(st.data())
    @settings(max_examples=150, deadline=None)
    def test_with_any_value_anywhere_is_loaded_or_refused_in_sentences(self, data):
        values = tomllib.loads(GOOD)
        for _ in range(data.draw(st.integers(1, 3))):
            put_somewhere(values, data)
        with suppress(PlansInvalid):
            assert load("".join(f"{key} = {toml(value)}\n" for key, value in values.items())).plans


class TestLint:
    def test_refuses_a_mistake_with_its_line(self, tmp_path):
        file = tmp_path / "plans.toml"
        file.write_text(GOOD.replace("49_00", "49.00"))
        with pytest.raises(LocalError, match=r"line 55: plans\.pro\.prices\.month\.base\.amount is 49\.0"):
            lint(file)

    def test_finds_nothing_in_the_products_own(self):
        lint(FILE)
