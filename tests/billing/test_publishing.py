"""What is published of a plan catalog says all that decisions go by, names no tenant, and tells what has changed."""

import json
import re
from uuid import UUID

import pytest

from freehold.billing.plans_file import load
from freehold.billing.publishing import digest_of, document_of, overrides_of
from freehold.entitlements.document import CatalogDocument
from product.plans import PLANS
from tests.billing.catalogs import GOOD, TENANT

ANOTHER = UUID(int=1)
AN_ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")


def digest(text: str) -> str:
    catalog = load(text)
    return digest_of(document_of(catalog), overrides_of(catalog))


class TestDocument:
    document = document_of(load(GOOD))

    def test_says_what_plans_give(self):
        assert self.document["plans"]["free"] == {
            "name": "Free",
            "rank": 0,
            "retired": False,
            "sold": False,
            "features": [],
            "limits": {"seats": 3, "projects": 3, "calls": 1000},
            "rates": {"read": [60, 60], "write": [10, 1], "ingest": [60, 60], "directory": [7, 3600]},
        }
        assert self.document["plans"]["pro"]["rates"]["ingest"] is None
        assert self.document["plans"]["pro"]["sold"]

    def test_says_that_a_retired_plan_is_not_sold(self):
        pro = document_of(load(GOOD.replace("trial = true", "trial = true\nretired = true")))["plans"]["pro"]
        assert (pro["sold"], pro["retired"]) == (False, True)

    def test_says_what_is_limited_and_how(self):
        assert self.document["limits"]["seats"] == {"name": "Members", "soft": False, "meter": None}
        assert self.document["limits"]["calls"] == {"name": "Calls a month", "soft": True, "meter": "calls"}
        assert self.document["rates"]["read"] == {"name": "Reads", "key_share": 0.5}

    def test_says_what_earlier_subscribers_keep_and_what_is_withheld(self):
        assert self.document["grandfathered"] == [
            {
                "id": "pro-2026",
                "plan": "pro",
                "before": "2026-10-01T08:00:00+00:00",
                "until": "2028-01-01T08:00:00+00:00",
                "features": ["support"],
                "limits": {"projects": 200},
                "rates": {"read": [50, 1]},
            }
        ]
        assert self.document["dunning"] == [
            {"after_days": 0, "withholds": []},
            {"after_days": 7, "withholds": ["support"]},
        ]
        everything = document_of(load(GOOD.replace('withholds = ["support"]', 'withholds = "all"')))
        assert everything["dunning"][1]["withholds"] == ["*"]

    @pytest.mark.parametrize("catalog", [PLANS, load(GOOD)])
    def test_is_json_that_decisions_can_go_by(self, catalog):
        document = json.loads(json.dumps(document_of(catalog)))
        assert CatalogDocument.read(document).plans.keys() == catalog.plans.keys()

    def test_names_no_tenant(self):
        assert AN_ID.search(json.dumps(overrides_of(load(GOOD))))  # the control
        assert not AN_ID.search(json.dumps(self.document))


class TestOverrides:
    def test_are_what_was_agreed_with_each(self):
        assert overrides_of(load(GOOD)) == [
            {
                "tenant": str(TENANT),
                "plan": None,
                "features": ["support"],
                "limits": {"projects": 500},
                "rates": {"read": None},
                "until": "2027-01-01T00:00:00+00:00",
            }
        ]

    def test_of_another_offset_are_of_the_same_moment(self):
        moved = GOOD.replace("2027-01-01T00:00:00Z", "2027-01-01T02:00:00+02:00")
        assert overrides_of(load(moved)) == overrides_of(load(GOOD))


class TestDigest:
    def test_is_the_same_for_the_same_plans(self):
        assert digest(GOOD) == digest(GOOD.replace("\n[features]", "\n# words\n[features]"))
        assert digest(GOOD) == digest(GOOD.replace("seats = 3, projects = 3", "projects = 3, seats = 3"))
        assert digest(GOOD) == digest(GOOD.replace("49_00", "59_00")), "what it costs decides nothing"

    @pytest.mark.parametrize(
        ("was", "is_now"),
        [
            ("projects = 100", "projects = 101"),
            ('"10/second"', '"600/minute"'),
            ("key_share = 0.5", "key_share = 0.4"),
            ("soft = true", "soft = false"),
            ('withholds = ["support"]', "withholds = []"),
            ("2028-01-01T08:00:00Z", "2028-01-02T08:00:00Z"),
            ("limits = { projects = 500 }", "limits = { projects = 501 }"),
            (str(TENANT), str(ANOTHER)),
        ],
    )
    def test_is_another_for_whatever_decides(self, was, is_now):
        assert was in GOOD
        assert digest(GOOD) != digest(GOOD.replace(was, is_now))
