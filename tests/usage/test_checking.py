"""What was recorded, aggregated and reported is compared, and what differs is said in a sentence."""

import json
from datetime import timedelta

import pytest

from freehold.billing.gateway import StripeBusy
from freehold.database import Database
from freehold.usage.checking import Checked, check
from freehold.usage.comparison import doubts
from local.usage import show
from product.plans import PLANS
from tests.usage.account import REPORTS, Account
from tests.usage.shop import Faults, Shop


def checked(databases: dict[str, Database], shop: Shop) -> list[Checked]:
    found = check(databases["system"], databases["worker"])
    return [each for each in found if each.tenant_id == shop.company.id]


class TestCheck:
    def test_finds_nothing_where_all_agrees(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        shop.use(5, 6)
        shop.report()
        shop.use(7)
        [found] = checked(databases, shop)
        assert found.problems == []
        assert (found.total.recorded, found.total.reported, found.unreported) == (18, 11, 7)

    def test_knows_what_is_under_way(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        shop.use(5)
        shop.report(Faults(at=4, error=StripeBusy("away")))
        [found] = checked(databases, shop)
        assert (found.problems, found.total.sending, found.unreported) == ([], 5, 0)

    def test_names_what_stripe_does_not_count(self, databases: dict[str, Database], paying: Shop, account: Account):
        account.double.faults.add(REPORTS, "rejected_later")
        paying.use(5, hours_ago=5)
        assert account.report(paying) == "nothing"
        paying.pass_hours(2)
        found = check(databases["system"], databases["worker"], lambda works: doubts(works, account.meters, PLANS))
        [ours] = [each for each in found if each.tenant_id == paying.company.id]
        assert len(ours.problems) == 1
        assert "Stripe counts 0, and was told 5." in ours.problems[0]

    def test_names_what_a_subscription_that_ended_was_to_pay_for(self, databases: dict[str, Database], shop: Shop):
        shop.subscribe()
        shop.use(5, hours_ago=5)
        shop.report()
        shop.use(6, hours_ago=4)
        shop.use(100, hours_ago=1.5)
        shop.end(ago=timedelta(hours=2))
        [found] = checked(databases, shop)
        assert "6 were to be paid for by a subscription that has ended" in " ".join(found.problems)

    def test_names_at_once_what_one_that_was_ended_at_once_was_to_pay_for(
        self, databases: dict[str, Database], shop: Shop
    ):
        shop.subscribe()
        shop.use(5, hours_ago=5)
        shop.report()
        shop.end(ago=timedelta(minutes=1), at_once=True)
        shop.use(6, hours_ago=4)
        shop.report()
        [found] = checked(databases, shop)
        assert (found.total.reported, found.total.lost) == (5, 6)
        assert "6 were to be paid for by a subscription that has ended" in " ".join(found.problems)

    @pytest.mark.parametrize(("used", "ended"), [(1, 2), (4, 0.5)], ids=["used after it", "still a draft"])
    def test_of_one_that_ended_says_nothing_without_a_reason(
        self, databases: dict[str, Database], shop: Shop, used, ended
    ):
        shop.subscribe()
        shop.use(6, hours_ago=used)
        shop.end(ago=timedelta(hours=ended))
        [found] = checked(databases, shop)
        assert found.problems == []

    @pytest.mark.parametrize(
        ("broken", "says"),
        [
            ("delete from app.usage_events where quantity = 5", "6 were recorded, and the hours come to 11"),
            ("update app.usage_hours set quantity = quantity + 1", "11 were recorded, and the hours come to 12"),
            (
                "update app.usage_hours set claimed = claimed - 2",
                "say that 9 were reported, and the reports come to 11",
            ),
            ("update app.usage_reports set state = 'doubtful'", "Of 11 nobody knows"),
            ("update app.usage_reports set state = 'refused'", "Stripe has refused 11"),
        ],
    )
    def test_says_what_is_wrong(self, databases: dict[str, Database], shop: Shop, broken, says, capsys):
        shop.subscribe()
        shop.use(5, 6)
        shop.report()
        where = "and" if "where" in broken else "where"
        shop.company.execute(f"{broken} {where} tenant_id = %(tenant_id)s")
        found = checked(databases, shop)
        assert says in " ".join(found[0].problems)
        assert show(found, as_json=False) == 1
        assert says in capsys.readouterr().out
        show(found, as_json=True)
        assert json.loads(capsys.readouterr().out)[0]["problems"] == found[0].problems
