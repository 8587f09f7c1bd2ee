"""What a refusal that costs money says to do: pay what is open, buy what gives more, or neither."""

from local.companies import Company
from local.gateway import Answer

ON_PRO = (
    'insert into app.billing_accounts (plan, "interval", status, access, past_due_since)'
    " values ('pro', 'month', 'past_due', 'full', now() - make_interval(days => %(days)s))"
)


def export(company: Company) -> Answer:
    return company.call("POST", "/v1/reports", body={"report": "activity"})


class TestWhatIsWithheld:
    def test_says_that_it_is_to_be_paid_and_where(self, acme: Company, plans: None):
        acme.execute(ON_PRO, days=8)
        refused = export(acme)
        assert (refused.status, refused.code, refused.json["rule"]) == (402, "feature_withheld", "dunning:7")
        assert (refused.json["billing"], refused.json["lifts"]) == ("/v1/billing/portal", [])
        assert refused.json["link"] == "https://app.example.test/billing"
        assert "until your open invoices are paid" in refused.json["detail"]

    def test_is_there_until_then(self, acme: Company, plans: None):
        acme.execute(ON_PRO, days=6)
        assert export(acme).status == 202

    def test_is_another_thing_than_what_was_never_bought(self, acme: Company, plans: None):
        refused = export(acme)
        assert (refused.code, refused.json["lifts"]) == ("feature_not_included", ["pro", "scale"])
        assert "billing" not in refused.json


class TestALimit:
    def test_names_what_gives_more(self, acme: Company, plans: None):
        acme.project(), acme.project(), acme.project()
        refused = acme.call("POST", "/v1/projects", body={"name": "One more"})
        assert (refused.code, refused.json["lifts"]) == ("limit_reached", ["pro", "scale"])
        assert "`lifts`" in refused.json["detail"]
