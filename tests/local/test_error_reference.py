"""docs/reference/errors.md: whoever is refused finds there which rules there are."""

from freehold import errors
from freehold.http.problems import BY_A_RULE
from local.error_reference import VARYING, page, rule

ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page().splitlines() if line.startswith("| `")]


def test_what_refuses_by_a_rule_says_by_which_and_nothing_else_does():
    refusals = {row[0] for row in ROWS if int(row[1]) in BY_A_RULE}
    assert {"`tenant_restricted`", "`permission_denied`", "`rate_limited`"} <= refusals
    assert {row[0] for row in ROWS if row[3]} == refusals
    assert [row for row in ROWS if "``" in row[3]] == [], "a class without a rule"


def test_each_code_has_one_row():
    codes = [row[0] for row in ROWS]
    assert len(codes) == len(set(codes)) > 50
    assert {len(row) for row in ROWS} == {4}


def test_the_rule_is_the_one_of_the_class_unless_the_place_that_raises_knows_it():
    assert rule(errors.SsoRequired) == "`tenant:sso_required`"
    assert "`plan:pro`" in rule(errors.FeatureNotIncluded)
    assert {kind.status for kind in VARYING} == {402, 403, 429}
    assert rule(errors.NotFound) == ""
