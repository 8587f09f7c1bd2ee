"""How flags, their history and their exposures look at a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

type Json = Mapping[str, Any]


def listed(flags: Sequence[Json]) -> Iterator[str]:
    """One line for each."""
    if not flags:
        yield "There are no flags: `freehold flags create` makes one."
    width = max((len(flag["key"]) for flag in flags), default=0)
    for flag in flags:
        definition = flag["definition"]
        rules = definition["rules"]
        told = f", {len(rules)} rule{'s' if len(rules) > 1 else ''}" if rules else ""
        yield f"{flag['key']:<{width}}  {definition['state']:<8}  {served(definition['otherwise'])}{told}"


def shown(flag: Json) -> Iterator[str]:
    """All of one."""
    definition = flag["definition"]
    yield f"{flag['key']}: {definition['state']}, version {flag['version']} of {flag['updated_at']}"
    if definition["description"]:
        yield f"  {definition['description']}"
    for name, value in definition["variants"].items():
        yield f"  variant {name}: {value!r}{' (while it is off)' if name == definition['off'] else ''}"
    for number, rule in enumerate(definition["rules"], 1):
        yield f"  {number}. {rule['id']}: {_rule(rule)}"
    yield f"  otherwise: {served(definition['otherwise'])}"
    if definition["experiment"]:
        yield "  It is recorded who was shown which variant."


def told(history: Sequence[Json]) -> Iterator[str]:
    """Newest first."""
    for change in history:
        yield f"{change['at']}  {change['operator']}: {change['reason']}"
        yield f"    {_difference(change['before'], change['after'])}"


def counted(exposures: Sequence[Json]) -> Iterator[str]:
    """One line for each variant."""
    if not exposures:
        yield "Nobody was shown a variant of it yet; only a flag with `experiment` records who was."
    for each in exposures:
        yield (
            f"{each['variant']}: {each['units']:,} in {each['tenants']:,} tenants,"
            f" from {each['first_at']} to {each['last_at']}"
        )


def served(serving: str | Json) -> str:
    """`on`, or `on 25 %, off 75 % of tenants`."""
    if isinstance(serving, str):
        return serving
    shares = ", ".join(f"{name} {share:g} %" for name, share in serving["split"].items())
    return f"{shares} by {serving['by']}"


def _rule(rule: Json) -> str:
    conditions = [f"{each['attribute']} {each['op']} {_values(each['values'])}" for each in rule["when"]]
    bounds = [f"{word} {rule[name]}" for word, name in (("from", "from"), ("until", "until")) if rule[name]]
    return f"{' and '.join(conditions) or 'always'} {' '.join(bounds)}".strip() + f" -> {served(rule['serve'])}"


def _values(values: Sequence[object]) -> str:
    return ", ".join(map(str, values))


def _difference(before: Json | None, after: Json) -> str:
    if before is None:
        return f"made: {served(after['otherwise'])}, {after['state']}"
    changed = [name for name in after if before.get(name) != after[name]]
    return "; ".join(f"{name}: {_short(before.get(name))} -> {_short(after[name])}" for name in changed)


def _short(value: Any) -> str:  # noqa: ANN401 (any JSON value)
    if isinstance(value, dict) and "split" in value:
        return served(value)
    if isinstance(value, list):
        return f"[{', '.join(str(each.get('id', each)) if isinstance(each, dict) else str(each) for each in value)}]"
    return str(value)
