"""A flag as an operator writes it. Whatever is wrong with it is said in a sentence that tells what to do."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from freehold.fields import Input
from freehold.flags.attributes import BUILT_IN
from freehold.flags.conditions import EQUAL, NUMERIC, TEMPORAL, TEXTUAL, Operator, moment_of
from freehold.flags.rollout import BUCKETS
from freehold.flags.values import ConditionValue, Description, Key, Moment, Name, Share, VariantValue, kind_of
from freehold.wording import A_MOMENT

type State = Literal["on", "off", "archived"]

MOST_VARIANTS, MOST_RULES, MOST_CONDITIONS, MOST_VALUES = 20, 50, 20, 500
TAKES_PART = ("tenant", "member")
"""Who can take part in an experiment: those whom we know, and of whom there are only so many."""
LONGEST_FLAG = 65_536
FITTING = {"text": (*EQUAL, *TEXTUAL, "exists"), "texts": (*EQUAL, *TEXTUAL, "exists"), "moment": (*TEMPORAL, "exists")}
UNFIT_TO_SPLIT = tuple(name for name, kind in BUILT_IN.items() if kind != "text")


class Condition(Input):
    """What has to hold of one attribute, of the caller's own or one of those that are always there."""

    attribute: Name
    op: Operator
    values: Annotated[tuple[ConditionValue, ...], Field(max_length=MOST_VALUES)]

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        wrong = self._wrong_values() or self._wrong_attribute()
        if wrong:
            raise ValueError(wrong)
        return self

    def _wrong_values(self) -> str | None:
        if not self.values:
            return "values is empty: name one value or more to compare with"
        first, only = self.values[0], len(self.values) == 1
        if self.op == "exists" and not (only and isinstance(first, bool)):
            return '"exists" takes one value, true where the attribute has to be there and false where it must not'
        if self.op in TEXTUAL and not all(isinstance(value, str) for value in self.values):
            return f'"{self.op}" compares text: put every value between quotation marks'
        if self.op in NUMERIC and not (only and kind_of(first) == "number"):
            return f'"{self.op}" takes one value, a number'
        if self.op in TEMPORAL and not (only and moment_of(first)):
            return f'"{self.op}" takes one value. {A_MOMENT}'
        return None

    def _wrong_attribute(self) -> str | None:
        kind = BUILT_IN.get(self.attribute)
        if kind is None:
            return None
        if self.op not in FITTING[kind]:
            return f'"{self.attribute}" can be compared by {_listed(FITTING[kind])}, and not by "{self.op}"'
        if self.op in EQUAL and not all(isinstance(value, str) for value in self.values):
            return f'"{self.attribute}" is text: put every value between quotation marks'
        return None


class Split(Input):
    """Variants by percentage, of tenants, members, or whatever else an attribute tells apart."""

    split: Annotated[dict[Name, Share], Field(min_length=1, max_length=MOST_VARIANTS)]
    by: Name

    @field_validator("split")
    @classmethod
    def _is_all(cls, split: dict[str, float]) -> dict[str, float]:
        total = sum(round(share * BUCKETS / 100) for share in split.values())
        if total != BUCKETS:
            raise ValueError(f"The shares add up to {total * 100 / BUCKETS:g}: make them add up to 100")
        return split

    @field_validator("by")
    @classmethod
    def _tells_apart(cls, by: str) -> str:
        if by in UNFIT_TO_SPLIT:
            raise ValueError(f'"{by}" cannot be split by: name "tenant", "member" or another attribute that is text')
        return by


def _serving(value: object) -> str:
    return "~split" if isinstance(value, dict | Split) else "~variant"


type Serving = Annotated[Annotated[Name, Tag("~variant")] | Annotated[Split, Tag("~split")], Discriminator(_serving)]
"""The name of a variant, or several by percentage."""


class Rule(Input):
    """Serves something where all conditions hold, from one moment until another where it names them."""

    id: Name
    when: Annotated[tuple[Condition, ...], Field(max_length=MOST_CONDITIONS)] = ()
    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Moment | None = None
    serve: Serving

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError(f'The rule "{self.id}" ends before it begins: let from be earlier than until')
        return self


class Flag(Input):
    """One flag: its variants, and who is served which."""

    key: Key
    description: Description = ""
    variants: Annotated[dict[Name, VariantValue], Field(min_length=1, max_length=MOST_VARIANTS)]
    state: State
    off: Name
    """The variant that everybody is served while it is off."""
    otherwise: Serving
    """What is served where no rule holds."""
    rules: Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)] = ()
    experiment: Annotated[bool, Field(strict=True)] = False
    """Whether it is recorded who was shown which variant."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        wrong = [*self._wrong_variants(), *self._wrong_rules(), *self._wrong_size()]
        if wrong:
            raise ValueError(". ".join(wrong))
        return self

    def as_json(self) -> dict[str, Any]:
        """As it was written."""
        return self.model_dump(mode="json", by_alias=True)

    def _wrong_variants(self) -> Iterator[str]:
        kinds = sorted({kind_of(value) or "" for value in self.variants.values()})
        if len(kinds) > 1:
            yield f"The variants are of several kinds, {_listed(kinds)}: make all of them one kind"
        named = {'"off"': [self.off], '"otherwise"': _variants_of(self.otherwise)}
        named |= {f'The rule "{rule.id}"': _variants_of(rule.serve) for rule in self.rules}
        for who, names in named.items():
            for name in names:
                if name not in self.variants:
                    yield (
                        f'{who} names the variant "{name}", which is not there: add it, or name one of '
                        f"{_listed(self.variants)}"
                    )

    def _wrong_rules(self) -> Iterator[str]:
        for name, times in Counter(rule.id for rule in self.rules).items():
            if times > 1:
                yield f'{times} rules have the id "{name}": give each one its own'
        splits = (each for each in (self.otherwise, *(rule.serve for rule in self.rules)) if isinstance(each, Split))
        if self.experiment and any(split.by not in TAKES_PART for split in splits):
            yield 'An experiment writes down who takes part: split it by "tenant" or "member"'

    def _wrong_size(self) -> Iterator[str]:
        length = len(json.dumps(self.as_json(), ensure_ascii=False))
        if length > LONGEST_FLAG:
            yield f"The flag has {length} characters as JSON, and {LONGEST_FLAG} are the most: take values out of rules"


def _variants_of(serving: str | Split) -> Iterable[str]:
    return serving.split if isinstance(serving, Split) else [serving]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
