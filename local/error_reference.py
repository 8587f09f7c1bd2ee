"""The page of errors: the code of each, its status, what it says, and the rule by which it refuses."""

from collections.abc import Iterator

from freehold import errors
from freehold.errors import ApiError
from freehold.http.problems import BY_A_RULE

PREFACE = """\
# Errors

Each 402, 403 and 429 names in `rule` what has decided. [Why was I refused?](../entitlements.md#why-was-i-refused)

| Code | Status | What it says | Rule |
| --- | --- | --- | --- |
"""
VARYING: dict[type[ApiError], str] = {
    errors.FeatureNotIncluded: "what decided, as `plan:pro` or `dunning:7`",
    errors.LimitReached: "what decided, as `plan:pro` or `override:…`",
    errors.NotAvailable: "what decided, as `flag:new-editor/off`",
    errors.RateLimited: "what decided, as `plan:pro/rate:read`",
    errors.PermissionDenied: "`permission`, or the one that is lacking, as `permission:projects:write`",
}
"""Those whose rule only the place that raises knows."""


def page() -> str:
    """All of them by status."""
    every: list[type[ApiError]] = [ApiError, *_below(ApiError)]
    kinds = sorted(every, key=lambda kind: kind.status)
    rows = (f"| `{kind.code}` | {kind.status} | {kind.sentence()} | {rule(kind)} |\n" for kind in kinds)
    return PREFACE + "".join(rows)


def rule(kind: type[ApiError]) -> str:
    """What stands in `rule`; nothing where nothing does."""
    if kind.status not in BY_A_RULE:
        return ""
    return VARYING.get(kind) or f"`{kind.rule}`"


def _below(kind: type[ApiError]) -> Iterator[type[ApiError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
