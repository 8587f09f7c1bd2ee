"""Whatever the definition and whatever the context: there is an answer, it is one of the variants, and it is kept."""

import os
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from freehold.entitlements.facts import Who
from freehold.flags.reading import read_flag
from tests.flags.making import KEY, MEMBER, NOW, PERSON, ask, facts, target

EXAMPLES = int(os.environ.get("FLAG_EXAMPLES", "50"))
"""More of them: `FLAG_EXAMPLES=5000 pytest tests/flags/test_total.py`."""
VARIANTS = ["a", "b", "c"]
ATTRIBUTES = ["plan", "tenant", "add_ons", "role", "member", "mood", "age"]
MOMENTS = [NOW + timedelta(days=days) for days in range(-2, 3)]

texts = st.text(min_size=1, max_size=5).filter(lambda text: "\0" not in text and text.isprintable())
moments = st.sampled_from([moment.isoformat() for moment in MOMENTS])
values = st.one_of(st.sampled_from(["pro", "owner", "support"]), texts)
conditions = st.one_of(
    st.fixed_dictionaries(
        {
            "attribute": st.sampled_from(ATTRIBUTES),
            "op": st.sampled_from(["in", "not_in", "starts_with", "ends_with", "contains"]),
            "values": st.lists(values, min_size=1, max_size=3),
        }
    ),
    st.fixed_dictionaries(
        {
            "attribute": st.just("age"),
            "op": st.sampled_from(["gt", "gte", "lt", "lte"]),
            "values": st.lists(st.integers(-9, 9), min_size=1, max_size=1),
        }
    ),
    st.fixed_dictionaries(
        {
            "attribute": st.sampled_from(["tenant_created_at", "mood"]),
            "op": st.sampled_from(["before", "after"]),
            "values": st.lists(moments, min_size=1, max_size=1),
        }
    ),
    st.fixed_dictionaries(
        {
            "attribute": st.sampled_from(ATTRIBUTES),
            "op": st.just("exists"),
            "values": st.lists(st.booleans(), min_size=1, max_size=1),
        }
    ),
)


@st.composite
def splits(draw):
    cut = sorted(draw(st.lists(st.integers(0, 100_000), min_size=2, max_size=2)))
    widths = [cut[0], cut[1] - cut[0], 100_000 - cut[1]]
    shares = {variant: width / 1000 for variant, width in zip(VARIANTS, widths, strict=True)}
    return {"split": shares, "by": draw(st.sampled_from(["tenant", "member", "mood", "plan"]))}


serving = st.one_of(st.sampled_from(VARIANTS), splits())


@st.composite
def rules(draw):
    since, until = sorted(draw(st.lists(st.sampled_from(MOMENTS), min_size=2, max_size=2, unique=True)))
    return {
        "id": f"r{draw(st.integers(0, 10**9))}",
        "when": draw(st.lists(conditions, max_size=3)),
        "from": draw(st.sampled_from([None, since.isoformat()])),
        "until": draw(st.sampled_from([None, until.isoformat()])),
        "serve": draw(serving),
    }


flags = st.fixed_dictionaries(
    {
        "key": st.just("new-editor"),
        "variants": st.just({"a": 1, "b": 2, "c": 3}),
        "state": st.sampled_from(["on", "on", "on", "off", "archived"]),
        "off": st.sampled_from(VARIANTS),
        "otherwise": serving,
        "rules": st.lists(rules(), max_size=4, unique_by=lambda rule: rule["id"]),
    }
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(alphabet=st.characters(), max_size=5)),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.dictionaries(texts, inside, max_size=3)),
    max_leaves=5,
)
contexts = st.dictionaries(st.one_of(st.sampled_from([*ATTRIBUTES, "targetingKey"]), texts), anything, max_size=4)
targets = st.lists(
    st.builds(target, st.sampled_from([*VARIANTS, "gone"]), st.sampled_from([None, MEMBER]), st.sampled_from(MOMENTS)),
    max_size=2,
)
people = st.sampled_from([PERSON, KEY, Who(principal="worker:sync", member_id=None, role=None)])


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flags, contexts, targets, people, st.sampled_from(MOMENTS))
def test_there_is_an_answer(definition, context, chosen, who, at):
    known = facts(chosen)
    served = ask(definition, context, known=known, who=who, at=at)
    assert served.value == definition["variants"][served.variant]
    assert served.rule.startswith("flag:new-editor/")
    told = ask(definition, context, known=known, who=who, at=at, traced=True)
    assert told[:5] == served[:5]
    assert told.trace
    if served.until:
        assert served.until > at
        just_before = served.until - timedelta(microseconds=1)
        assert ask(definition, context, known=known, who=who, at=just_before)[:4] == served[:4]
    else:
        for_ever = datetime(9999, 1, 1, tzinfo=UTC)
        assert ask(definition, context, known=known, who=who, at=for_ever)[:4] == served[:4]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flags)
def test_a_definition_is_the_same_after_it_was_written(definition):
    read = read_flag(definition)
    assert read_flag(read.as_json()) == read
