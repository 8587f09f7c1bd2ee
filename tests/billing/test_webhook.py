"""POST /stripe/webhooks: what Stripe has signed is kept once; anything else is refused, and nothing of it is kept."""

import base64
import gzip
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from freehold.billing.events import API_VERSION, LARGEST
from freehold.database import Database, database
from freehold.secrets import StripeSecret
from local.companies import Company
from local.gateway import ROUTES, call, handler, make_event
from tests.billing.stripe_events import (
    HEADER,
    PATH,
    SECRET,
    count,
    event,
    post,
    signature,
    signed,
    stored,
    thin,
    written,
)
from tests.conftest import STRIPE

OLDER = "whsec_of_last_year"
EVENTS, AT_ONCE = 200, 8
COPIES = int(os.environ.get("COPIES", "8"))
"""Of each event; `COPIES=50` is a bad day of Stripe's."""

pytestmark = pytest.mark.usefixtures("stage")


def now() -> int:
    return int(time.time())


def mixed(body: bytes, *signatures: str) -> str:
    return ",".join([f"t={now()}", *signatures])


ACCEPTED: dict[str, Callable[[bytes], str]] = {
    "as Stripe signs it": signed,
    "299 seconds ago": lambda body: signed(body, moment=now() - 299),
    "299 seconds ahead": lambda body: signed(body, moment=now() + 299),
    "another signature before it": lambda body: mixed(body, f"v1={'0' * 64}", f"v1={signature(body)}"),
    "another signature behind it": lambda body: mixed(body, f"v1={signature(body)}", f"v1={'0' * 64}"),
    "garbage beside it": lambda body: mixed(body, "v1=zz", f"v1={signature(body)}", "v1="),
    "another scheme beside it": lambda body: mixed(body, f"v0={'0' * 64}", f"v1={signature(body)}", "v2=x"),
    "the moment at its end": lambda body: f"v1={signature(body)},t={now()}",
}
REFUSED: dict[str, Callable[[bytes], str]] = {
    "301 seconds ago": lambda body: signed(body, moment=now() - 302),
    "301 seconds ahead": lambda body: signed(body, moment=now() + 302),
    "a year ahead": lambda body: signed(body, moment=now() + 31_536_000),
    "no header": lambda _: "",
    "commas alone": lambda _: ",,,",
    "no moment": lambda body: f"v1={signature(body)}",
    "no signature": lambda _: f"t={now()}",
    "two moments": lambda body: f"t={now()},{signed(body)}",
    "two headers, which the gateway joins": lambda body: f"{signed(body)},{signed(body)}",
    "v0 alone": lambda body: signed(body).replace("v1=", "v0="),
    "V1": lambda body: signed(body).replace("v1=", "V1="),
    "another secret": lambda body: signed(body, secret="whsec_of_a_stranger"),
    "an empty secret": lambda body: signed(body, secret=""),
    "the secret key": lambda body: signed(body, secret=STRIPE["secret_key"]),
    "another body": lambda body: signed(body + b" "),
    "a body without its last byte": lambda body: signed(body[:-1]),
    "capitals": lambda body: signed(body).upper().replace("T=", "t=").replace("V1=", "v1="),
    "half a signature": lambda body: signed(body)[:-32],
    "a signature and more": lambda body: signed(body) + "00",
    "an empty signature": lambda _: f"t={now()},v1=",
    "a moment before 1970": lambda body: signed(body, moment=-1),
    "a moment with a plus": lambda body: signed(body, moment=now()).replace("t=", "t=+"),
    "a moment with a blank": lambda body: signed(body, moment=now()).replace("t=", "t= "),
    "a moment with a nought": lambda body: signed(body, moment=f"0{now()}"),
    "a moment with a point": lambda body: signed(body, moment=f"{now()}.0"),
    "a moment with an underscore": lambda body: signed(body, moment=f"{str(now())[0]}_{str(now())[1:]}"),
    "a moment in milliseconds": lambda body: signed(body, moment=now() * 1000),
    "a moment of 5,000 digits": lambda body: signed(body, moment="9" * 5000),
    "a moment that is NaN": lambda body: signed(body, moment="nan"),
    "a moment in Arabic digits": lambda body: signed(body, moment=str(now()).translate(ARABIC)),
    "signed without its moment": lambda body: f"t={now()},v1={signature(body, moment='')}",
    "a signature that is no ASCII": lambda _: f"t={now()},v1={chr(0xFB00) * 64}",
    "a NUL": lambda body: signed(body).replace("t=", "t=\0"),
    "blanks around": lambda body: f" {signed(body).replace(',', ' , ')} ",
}
ARABIC = {ord("0") + digit: chr(0x0660 + digit) for digit in range(10)}


class TestSignature:
    @pytest.mark.parametrize("variant", ACCEPTED)
    def test_a_good_one_is_kept(self, superuser: str, variant: str):
        told = event()
        answer = post(body := written(told), ACCEPTED[variant](body))
        assert (answer.status, answer.json) == (200, {"received": True})
        customer = told["data"]["object"]["customer"]
        assert stored(superuser, told["id"]) == [(customer, "waiting", told["type"], "sub_1", "key-1")]

    @pytest.mark.parametrize("variant", REFUSED)
    def test_a_bad_one_is_refused(self, superuser: str, variant: str):
        told = event()
        answer = post(body := written(told), REFUSED[variant](body))
        assert (answer.status, answer.code) == (400, "signature_refused")
        assert stored(superuser, told["id"]) == []
        assert post(body).status == 200  # the control: but for the header, it is good
        assert len(stored(superuser, told["id"])) == 1

    @pytest.mark.parametrize("variant", ACCEPTED)
    def test_stripes_own_library_takes_what_we_take(self, variant: str):
        body = written(event())
        stripe.Webhook.construct_event(body, ACCEPTED[variant](body), SECRET)

    def test_stripes_own_library_takes_more(self):
        """Where we are stricter: times to come, and what Python's int() reads as a number."""
        laxer = set()
        for name, header in REFUSED.items():
            body = written(event())
            try:
                stripe.Webhook.construct_event(body, header(body), SECRET)
            except (stripe.SignatureVerificationError, TypeError):  # the latter for what is no ASCII
                continue
            laxer.add(name)
        assert laxer == {
            "301 seconds ahead",
            "a year ahead",
            "two moments",
            "two headers, which the gateway joins",
            "a moment with a plus",
            "a moment with a blank",
            "a moment in milliseconds",
        }


class TestRotation:
    def test_both_secrets_are_good_while_one_replaces_the_other(self, monkeypatch, superuser):
        keys = {"secret_key": "sk_test_tests", "webhook_secrets": [OLDER, SECRET]}
        secret = StripeSecret(json.dumps(keys), fetch=str)
        monkeypatch.setattr("functions.stripe_webhook.handler.stripe_keys", secret.keys)
        for known in (OLDER, SECRET):
            body = written(event())
            assert post(body, signed(body, secret=known)).status == 200
        body = written(event())
        assert post(body, signed(body, secret="whsec_of_a_stranger")).status == 400

    def test_a_secret_that_is_new_in_the_store_is_found_within_a_minute(self, monkeypatch):
        store = Store()
        secret = StripeSecret("freehold/test/stripe", fetch=store.fetch, clock=lambda: store.now)
        monkeypatch.setattr("functions.stripe_webhook.handler.stripe_keys", secret.keys)
        body = written(event())
        assert post(body, signed(body, secret=OLDER)).status == 200
        store.secrets.append("whsec_brand_new")
        assert [post(body, signed(body, secret="whsec_brand_new")).status for _ in range(3)] == [400] * 3
        store.now = 60.0
        assert post(body, signed(body, secret="whsec_brand_new")).status == 200
        assert store.asked == 2


class Store:
    """Secrets Manager, and the time."""

    def __init__(self) -> None:
        self.secrets, self.now, self.asked = [OLDER], 0.0, 0

    def fetch(self, _name: str) -> str:
        self.asked += 1
        return json.dumps({"secret_key": "sk_test_tests", "webhook_secrets": self.secrets})


def put(body: str, *, base64_encoded: bool, headers: dict[str, str]) -> Any:
    """An event of API Gateway's, with just these headers."""
    route = f"POST {PATH}"
    raw = make_event(route, PATH, {}, {})
    raw |= {"body": body, "isBase64Encoded": base64_encoded, "headers": headers}
    return handler(ROUTES[route])(raw, None)


class TestBody:
    def test_is_the_bytes_that_were_sent_whether_in_base64_or_not(self, superuser):
        for encoded in (True, False):
            told = event(type="customer.created", note="Zoë ✓ \u2028")
            body = json.dumps(told, ensure_ascii=False, indent=1).encode()
            text = base64.b64encode(body).decode() if encoded else body.decode()
            headers = {HEADER: signed(body), "content-type": "application/json; charset=utf-8"}
            assert put(text, base64_encoded=encoded, headers=headers)["statusCode"] == 200
            assert len(stored(superuser, told["id"])) == 1

    def test_a_header_may_be_in_any_case(self):
        body = written(event())
        answer = call("POST", PATH, raw=body, headers={"Stripe-Signature": signed(body)})
        assert answer.status == 200

    @pytest.mark.parametrize("changed", [b"\n", b" ", b"\xef\xbb\xbf"])
    def test_a_byte_more_is_another_body(self, superuser, changed):
        told = event()
        header = signed(body := written(told))
        before, behind = post(changed + body, header), post(body + changed, header)
        assert (before.code, behind.code) == ("signature_refused",) * 2
        assert stored(superuser, told["id"]) == []

    def test_one_bit_less_is_another_body(self, superuser):
        told = event(livemode=True)
        header = signed(written(told))
        told["livemode"] = False
        assert post(written(told), header).code == "signature_refused"
        assert stored(superuser, told["id"]) == []

    def test_a_compressed_one_is_not_what_was_signed(self, superuser):
        told = event()
        header = signed(body := written(told))
        packed = gzip.compress(body)
        assert post(packed, header, **{"content-encoding": "gzip"}).code == "signature_refused"
        assert stored(superuser, told["id"]) == []

    @pytest.mark.parametrize("length", ["0", "-1", "99999999999", "x"])
    def test_what_a_header_says_of_its_length_is_not_believed(self, superuser, length):
        told = event()
        assert post(written(told), **{"content-length": length}).status == 200
        assert len(stored(superuser, told["id"])) == 1

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b"[1]",
            b"null",
            b"0",
            b'"evt_1"',
            b"{",
            b"\xff\xfe",
            b"{'id': 1}",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b"[" * 65 + b"]" * 65,
            written(event())[:-1] + b', "id": "evt_twice"}',
            written(event() | {"data": {"object": {"id": "x", "amount": 0}}}).replace(b" 0}", b" NaN}"),
            written(event() | {"data": {"object": {"id": "x", "amount": 0}}}).replace(b" 0}", b" 1e999}"),
            written(event() | {"data": {"object": {"id": "x", "amount": 0}}}).replace(
                b" 0}", b" " + b"9" * 5000 + b"}"
            ),
            written(event(data=None)),
            written(event(data={})),
            written(event(data={"object": []})),
            written(event(id=None)),
            written(event(id="evt_")),
            written(event(id="evt_\0")),
            written(event(id="evt_" + "x" * 300)),
            written(event(id=["evt_1"])),
            written(event(object="v2.core.event")),
            written(thin(id=None)),
            written(event(type="")),
            written(event(type="a\nb")),
            written(event(created="now")),
            written(event(created=-1)),
            written(event(created=10**40)),
            written(event(created=1.5)),
            written(event(created=True)),
            written(event(livemode="false")),
            written(event(livemode=0)),
            written(event(livemode=None)),
            written(event(api_version=7)),
            written(event(account=7)),
        ],
        ids=lambda body: body[:30] + str(len(body)).encode(),
    )
    def test_one_that_is_no_event_is_refused_though_it_is_signed(self, superuser, body):
        before = count(superuser)
        assert post(body).code in {"malformed_request", "signature_refused"}
        assert count(superuser) == before

    def test_what_no_column_holds_is_kept_without_it(self, superuser):
        odd = {"id": "sub_odd", "customer": None, "description": "a\0b\ud800c\x0b", "amount": 5, "tiny": 0}
        told = event(data={"object": odd}, request={"id": None, "idempotency_key": "k\0"})
        assert post(written(told).replace(b'"tiny": 0', b'"tiny": 1e-99999')).status == 200
        assert stored(superuser, told["id"]) == [("sub_odd", "waiting", told["type"], "sub_odd", None)]

    def test_the_largest_is_taken_and_one_byte_more_is_not(self, superuser):
        told = event(padding="")
        told["padding"] = "x" * (LARGEST - len(written(told)))
        assert post(written(told)).status == 200
        more = event(padding=told["padding"] + "x")
        for body in (written(more), b"x" * (2 * LARGEST + 1)):
            answer = post(body)
            assert (answer.status, answer.code) == (413, "payload_too_large")
        assert stored(superuser, more["id"]) == []

    @pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
    def test_another_media_type_is_refused(self, superuser, media_type):
        told = event()
        assert post(written(told), **{"content-type": media_type}).status == 415
        assert stored(superuser, told["id"]) == []


class TestOurs:
    @pytest.mark.parametrize(
        "changes", [{"livemode": True}, {"account": "acct_of_another"}, {"livemode": True, "api_version": "2020-08-27"}]
    )
    def test_another_mode_or_account_is_refused(self, superuser, changes):
        told = event(**changes)
        answer = post(written(told))
        assert (answer.status, answer.code) == (403, "event_misplaced")
        assert stored(superuser, told["id"]) == []

    def test_an_account_that_is_ours_is_taken(self, monkeypatch, superuser):
        ours = StripeSecret(json.dumps(STRIPE | {"account": "acct_ours"}), fetch=str)
        monkeypatch.setattr("functions.stripe_webhook.handler.stripe_keys", ours.keys)
        told = event(account="acct_ours")
        assert post(written(told)).status == 200
        assert post(written(event(account="acct_other"))).status == 403
        assert len(stored(superuser, told["id"])) == 1


class TestVersion:
    @pytest.mark.parametrize("version", ["2020-08-27", "2099-01-01.zebra", None])
    def test_another_one_is_kept_apart_and_told_of_once(self, acme: Company, superuser, caplog, version):
        customer = linked(acme)
        told = event(api_version=version, request="req_of_old_times")
        told["data"]["object"]["customer"] = customer
        before = wanted(acme)
        assert [post(written(told)).status for _ in range(3)] == [200] * 3
        assert [row[1] for row in stored(superuser, told["id"])] == ["quarantined"]
        assert wanted(acme) == before
        assert caplog.messages.count("stripe event quarantined") == 1

    def test_told_again_in_the_right_one_it_is_taken(self, acme: Company, superuser):
        customer = linked(acme)
        told = event(api_version="2020-08-27")
        told["data"]["object"]["customer"] = customer
        before = wanted(acme)
        right = told | {"api_version": API_VERSION}
        assert [post(written(each)).status for each in (told, right, right, told)] == [200] * 4
        assert [row[1] for row in stored(superuser, told["id"])] == ["taken"]
        assert wanted(acme) == before + 1

    def test_told_again_of_nobody_it_waits_for_its_link(self, superuser):
        told = event(api_version="2020-08-27")
        assert [post(written(each)).status for each in (told, told | {"api_version": API_VERSION})] == [200] * 2
        assert [row[1] for row in stored(superuser, told["id"])] == ["waiting"]


class TestThin:
    """What Stripe tells of usage that it has taken, and rejected later."""

    @pytest.mark.parametrize("kind", ["error_report_triggered", "no_meter_found"])
    def test_one_that_tells_of_rejected_usage_wakes_somebody_and_is_not_kept(self, superuser, caplog, kind):
        before = count(superuser)
        about = {"related_object": None} if kind == "no_meter_found" else {}
        told = thin(type=f"v1.billing.meter.{kind}", data={"note": "Zoë"}, **about)
        answer = post(written(told))
        assert (answer.status, answer.json, count(superuser)) == (200, {"received": True}, before)
        [line] = [each.__dict__ for each in caplog.records if each.message == "usage in doubt"]
        meter = (told["related_object"] or {}).get("id")
        assert (line["levelname"], line["event_id"], line["event_type"]) == ("ERROR", told["id"], told["type"])
        assert (line["meter"], "Zoë" in str(line)) == (meter, False)

    @pytest.mark.parametrize(
        "changes",
        [
            {"type": "v2.core.event_destination.ping"},
            {"type": "v2.core.account[configuration.recipient].capability_status_updated"},
            {"type": "v1.billing.meter.created", "snapshot_event": "evt_1"},
            {"type": "v2.core.event_destination.ping", "related_object": {"type": "balance", "url": "/v1/balance"}},
        ],
    )
    def test_any_other_is_logged_and_not_kept(self, superuser, caplog, changes):
        before = count(superuser)
        assert (post(written(thin(**changes))).status, count(superuser)) == (200, before)
        assert caplog.messages.count("stripe event") == 1
        assert "usage in doubt" not in caplog.messages

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"id": "evt_"}, 400),
            ({"type": "a\nb"}, 400),
            ({"type": None}, 400),
            ({"created": 1795276800}, 400),
            ({"livemode": "false"}, 400),
            ({"context": 7}, 400),
            ({"related_object": "mtr_1"}, 400),
            ({"object": "v2.core.events"}, 400),
            ({"livemode": True}, 403),
            ({"context": "acct_of_another"}, 403),
        ],
    )
    def test_one_that_is_wrong_or_not_ours_is_refused(self, caplog, changes, status):
        told = thin()
        assert post(written(told | changes)).status == status
        assert post(written(told), signed(written(told | {"id": "evt_2"}))).code == "signature_refused"
        assert "usage in doubt" not in caplog.messages
        assert post(written(told)).status == 200  # the control

    def test_stripes_own_library_reads_what_we_read(self):
        told = thin()
        body = written(told)
        read = stripe.StripeClient("sk_test_1").parse_event_notification(body, signed(body), SECRET)
        assert (read.id, read.type, read.related_object.id) == (told["id"], told["type"], told["related_object"]["id"])


class TestSubject:
    @pytest.mark.parametrize(
        ("told", "subject"),
        [
            ({"id": "in_1", "customer": "cus_1"}, "cus_1"),
            ({"id": "in_1", "customer": {"id": "cus_1", "object": "customer"}}, "cus_1"),
            ({"id": "cus_1", "object": "customer"}, "cus_1"),
            ({"id": "clock_1", "object": "test_helpers.test_clock"}, "clock_1"),
            ({"id": "price_1", "object": "price"}, "price_1"),
            ({"id": "pm_1", "customer": None}, "pm_1"),
            ({"id": "pm_1", "customer": 7}, "pm_1"),
            ({"id": "pm_1", "customer": "\0"}, "pm_1"),
        ],
    )
    def test_is_the_customer_or_the_thing_itself(self, superuser, told, subject):
        telling = event(data={"object": told})
        assert post(written(telling)).status == 200
        assert stored(superuser, telling["id"])[0][0] == subject

    def test_of_a_card_that_was_taken_away_is_whose_it_was(self, superuser):
        told = event(data={"object": {"id": "pm_1", "customer": None}, "previous_attributes": {"customer": "cus_1"}})
        assert post(written(told)).status == 200
        assert stored(superuser, told["id"])[0][0] == "cus_1"

    @pytest.mark.parametrize("before", [None, "cus_1", [], {"customer": 7}, {}])
    def test_is_not_found_in_what_was_before_where_that_names_nobody(self, superuser, before):
        told = event(data={"object": {"id": "pm_1", "customer": None}, "previous_attributes": before})
        assert post(written(told)).status == 200
        assert stored(superuser, told["id"])[0][0] == "pm_1"

    def test_is_the_event_itself_where_nothing_has_a_name(self, superuser):
        told = event(data={"object": {"available": []}})
        assert post(written(told)).status == 200
        assert stored(superuser, told["id"])[0][0] == told["id"]


def linked(company: Company) -> str:
    """A customer of the company's."""
    customer = event()["data"]["object"]["customer"]
    company.execute("select app.link_customer(%(customer)s, null)", customer=customer)
    return customer


def wanted(company: Company) -> int:
    """How often a look was asked for."""
    [[many]] = company.execute(
        "select wanted from app.billing_syncs where tenant_id = current_setting('app.tenant_id')::uuid"
    )
    return many


class TestEffect:
    def test_an_event_of_a_linked_customer_asks_for_a_look(self, acme: Company, globex: Company, superuser):
        customer, _ = linked(acme), linked(globex)
        before = wanted(acme), wanted(globex)
        told = event()
        told["data"]["object"]["customer"] = customer
        assert [post(written(told)).status for _ in range(3)] == [200] * 3
        assert [row[1] for row in stored(superuser, told["id"])] == ["taken"]
        assert (wanted(acme), wanted(globex)) == (before[0] + 1, before[1])

    def test_one_that_came_before_its_link_waits_for_it(self, acme: Company, superuser):
        told = event()
        assert post(written(told)).status == 200
        customer = told["data"]["object"]["customer"]
        acme.execute("select app.link_customer(%(customer)s, null)", customer=customer)
        assert [row[1] for row in stored(superuser, told["id"])] == ["taken"]

    def test_200_events_in_many_copies_at_once_have_200_effects(self, acme: Company, superuser):
        customer = linked(acme)
        before, rows, bodies = wanted(acme), count(superuser), []
        for number in range(EVENTS):
            told = event()
            told["data"]["object"] |= {"customer": customer, "id": f"sub_{number}"}
            bodies.append(written(told))
        disorder = [bodies[(number * 77) % EVENTS] for number in range(EVENTS * COPIES)]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            statuses = set().union(*threads.map(send, (disorder[n::AT_ONCE] for n in range(AT_ONCE))))
        assert statuses == {200}
        assert (wanted(acme) - before, count(superuser) - rows) == (EVENTS, EVENTS)


def send(bodies: list[bytes]) -> set[int]:
    """What one of Stripe's machines does; the statuses that it met."""
    try:
        return {post(body).status for body in bodies}
    finally:
        database().close()


class TestAway:
    def test_without_its_database_it_asks_stripe_to_come_again(self, monkeypatch, superuser):
        told = event()
        with monkeypatch.context() as away:
            away.setattr(
                "functions.stripe_webhook.handler.database", lambda: Database("host=127.0.0.1 port=1 dbname=x")
            )
            answer = post(written(told))
        assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "unavailable", "1")
        assert post(written(told)).status == 200

    def test_before_there_are_keys_it_says_so(self, monkeypatch):
        monkeypatch.setattr("functions.stripe_webhook.handler.stripe_keys", StripeSecret("{}", fetch=str).keys)
        answer = post(written(event()))
        assert (answer.status, answer.code) == (503, "payments_not_set_up")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


class TestFuzz:
    def test_whatever_is_signed_is_never_our_fault(self):
        fields = st.sampled_from(sorted(event()))

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.dictionaries(fields, json_values, max_size=3))
        @example({"data": {"object": {"id": "\0", "customer": "\ud800"}}})
        def never(changes):
            assert post(json.dumps(event() | changes).encode(errors="replace")).status < 500

        never()

    def test_whatever_bytes_are_signed_are_never_our_fault(self):
        @settings(max_examples=60, deadline=None)
        @given(st.binary(max_size=300))
        def never(body):
            assert post(body).status < 500

        never()

    def test_whatever_the_header_says_is_never_our_fault(self):
        parts = st.sampled_from(["t=", "v1=", "v0=", ",", "=", "1795276800", "a" * 64, "0", "-", "é", " "]) | st.text(
            max_size=5
        )

        @settings(max_examples=100, deadline=None)
        @given(st.lists(parts, max_size=8).map("".join))
        def never(header):
            assert post(b"{}", header).status == 400

        never()
