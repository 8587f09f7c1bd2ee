"""The command `freehold stripe`, against a double that runs."""

import datetime as dt

import psycopg
import pytest

from local.errors import LocalError
from local.stripe_double.__main__ import customer_of, parse, run


@pytest.fixture
def say(browser):
    """What is answered to these words."""
    return lambda *words: run(browser, parse(words))


class TestState:
    def test_says_where_it_is(self, say, double):
        said = say()
        assert said == said | {"url": double.url, "faults": [], "waiting": 0}


class TestAdvance:
    def test_moves_a_customers_own_clock(self, say, client):
        clock = client.v1.test_helpers.test_clocks.create({"frozen_time": 1_767_225_600})
        customer = client.v1.customers.create({"test_clock": clock.id})
        assert say("advance", customer.id, "3d") == {"moved": clock.id, "now": "2026-01-04T00:00:00+00:00"}

    def test_goes_further_than_a_clock_goes_at_once(self, say, client):
        clock = client.v1.test_helpers.test_clocks.create({"frozen_time": 1_767_225_600})
        customer = client.v1.customers.create({"test_clock": clock.id})
        assert say("advance", customer.id, "156w")["now"] == "2028-12-28T00:00:00+00:00"

    def test_moves_everybody_elses(self, say, double, client):
        customer = client.v1.customers.create()
        before = say()["now"]
        assert "everybody" in say("advance", customer.id, "2h")["moved"]
        say("advance", "1d")
        assert say()["now"] - before == pytest.approx(26 * 3600, abs=60)

    def test_of_nobody_is_a_sentence(self, say):
        with pytest.raises(LocalError, match="No such customer"):
            say("advance", "cus_none", "3d")

    @pytest.mark.parametrize("words", [["3"], ["d"], ["-3d"], ["3y"], ["cus_1", "99999999d"], []])
    def test_takes_a_duration(self, say, words, capsys):
        with pytest.raises(SystemExit) as ended:
            say("advance", *words)
        assert ended.value.code == 2


class TestTenant:
    def test_is_found_by_its_link(self, acme, globex, superuser):
        with psycopg.connect(superuser) as connection:
            for subject in ("clock_of_acme", "cus_of_acme"):
                link = "insert into directory.stripe_links (subject, tenant_id) values (%s, %s)"
                connection.execute(link, [subject, acme.id])
        assert customer_of(str(acme.id), superuser) == "cus_of_acme"
        with pytest.raises(LocalError, match="is no customer yet"):
            customer_of(str(globex.id), superuser)
        with pytest.raises(LocalError, match="neither a tenant's id nor a customer's"):
            customer_of("acme", superuser)


class TestEvents:
    def test_are_listed_newest_first_and_sent_again(self, say, client, double):
        double.endpoints.add("http://127.0.0.1:9")
        one, another = client.v1.customers.create(), client.v1.customers.create()
        assert [event["object"] for event in say("events")] == [another.id, one.id]
        (event,) = say("events", "--about", one.id)
        assert dt.datetime.fromisoformat(event["created"]).tzinfo == dt.UTC
        assert say("resend", event["id"]) == {"endpoints": 1}
        with pytest.raises(LocalError, match="no event evt_none"):
            say("resend", "evt_none")

    @pytest.mark.parametrize("limit", ["-1", "0", "101", "many"])
    def test_are_as_many_as_there_can_be(self, say, limit, capsys):
        assert say("events", "--limit", "100") == []
        with pytest.raises(SystemExit, match="2"):
            say("events", "--limit", limit)
        assert "is no whole number from 1 to 100" in capsys.readouterr().err


class TestFaults:
    def test_are_set_shown_and_forgotten(self, say):
        say("faults", "POST /v1/customers", "timeout_after", "--times", "2", "--seconds", "1")
        fault = {"pattern": "POST /v1/customers", "kind": "timeout_after", "times": 2, "seconds": 1}
        assert say("faults") == {"faults": [fault]}
        assert say("faults", "--clear") == {"faults": []}
        with pytest.raises(LocalError, match="is no pattern"):
            say("faults", "customers")


class TestWeather:
    @pytest.mark.parametrize("number", ["nan", "inf", "soon"])
    def test_of_no_number_is_a_sentence(self, say, number, capsys):
        with pytest.raises(SystemExit, match="2"):
            say("weather", "--delay-seconds", number)
        assert f"{number!r} is no number" in capsys.readouterr().err
        assert say("weather", "--delay-seconds", "0.5")["weather"]["delay_seconds"] == pytest.approx(0.5)

    def test_is_set(self, say):
        assert say("weather", "--copies", "3", "--shuffled", "yes")["weather"] == {
            "shuffled": True,
            "copies": 3,
            "dropped": 0,
            "delay_seconds": 0,
        }
        assert say("weather", "--shuffled", "no")["weather"]["copies"] == 3, "what is not said stays"

    @pytest.mark.parametrize(
        ("words", "range_"),
        [
            (("--dropped", "7"), "dropped is from 0 to 1."),
            (("--dropped", "-0.1"), "dropped is from 0 to 1."),
            (("--copies", "-1"), "copies is from 1 to 100."),
            (("--copies", "0"), "copies is from 1 to 100."),
            (("--delay-seconds", "-1"), "delay_seconds is from 0 to 3600."),
        ],
    )
    def test_that_there_is_not_is_refused_with_the_range(self, say, words, range_):
        before = say()["weather"]
        with pytest.raises(LocalError, match=range_):
            say("weather", *words)
        assert say()["weather"] == before
        assert say("weather", "--dropped", "1", "--copies", "100")["weather"]["dropped"] == 1, "the control: the edges"
