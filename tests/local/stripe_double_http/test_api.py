"""What every request meets before the engine does: the key, the version, the form, and paths that are not there."""

import socket
import threading
from urllib.parse import urlsplit

import pytest
import stripe

from local.stripe_double.journal import API_VERSION


class TestKey:
    @pytest.mark.parametrize("key", ["sk_test_somebody_elses", "sk_live_51abc", "rk_live_51abc", "whatever"])
    def test_another_is_refused(self, connect, double, key):
        with pytest.raises(stripe.AuthenticationError) as refused:
            stripe.StripeClient(key, **connect.keywords).v1.customers.list()
        assert (refused.value.http_status, key in str(refused.value)) == (401, key == "whatever")
        assert connect().v1.customers.list().data == [], "the control: its own is let in"

    def test_a_live_one_is_told_where_it_went(self, connect):
        with pytest.raises(stripe.AuthenticationError, match="no place for it"):
            stripe.StripeClient("sk_live_51abc", **connect.keywords).v1.customers.list()

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Basic", "Basic !!", "Basic /w==", "Digest a=b", "sk_test"])
    def test_none_is_refused(self, browser, header):
        answer = browser.get("/v1/customers", headers={} if header is None else {"Authorization": header})
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")

    def test_may_come_as_the_name_of_basic(self, browser, double):
        assert browser.get("/v1/customers", auth=(double.secret_key, "")).status_code == 200
        assert browser.get("/v1/customers", auth=("sk_test_x", "")).status_code == 401


class TestVersion:
    def test_is_echoed_and_kept_to_look_at(self, connect, double):
        client = connect(stripe_version="2024-06-20")
        assert client.raw_request("get", "/v1/customers").headers["Stripe-Version"] == "2024-06-20"
        assert [call.asked.version for call in double.api.calls] == ["2024-06-20"]

    def test_is_the_accounts_own_without_one(self, raw):
        assert raw.get("/v1/customers").headers["stripe-version"] == API_VERSION
        other = raw.get("/v1/customers", headers={"Stripe-Version": "2025-03-31.basil"})
        assert other.headers["stripe-version"] == "2025-03-31.basil"

    def test_is_one(self, raw):
        assert raw.get("/v1/customers", headers={"Stripe-Version": "latest"}).status_code == 400


class TestAnswer:
    def test_names_the_request(self, client):
        client.v1.customers.create({"email": "a@acme.test"})
        with pytest.raises(stripe.InvalidRequestError) as missing:
            client.v1.customers.retrieve("cus_absent")
        assert missing.value.request_id.startswith("req_")
        assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")

    def test_of_a_path_that_is_not_there_is_stripes(self, raw):
        for path in ("/v1/nothing", "/v2/core/events", "/", "/double/nothing/at/all", "/V1/customers"):
            answer = raw.get(path)
            assert answer.status_code in {400, 404}, path
            assert "error" in answer.json()

    def test_of_many_at_once_is_each_its_own(self, connect, double):
        def work(name):
            client = connect()
            made = [client.v1.customers.create({"name": f"{name} {at}"}) for at in range(10)]
            seen.extend((one.name, client.v1.customers.retrieve(one.id).name) for one in made)

        seen: list[tuple[str, str]] = []
        threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(seen) == 80
        assert all(before == after for before, after in seen)


DEEP = "a" + "[b]" * 100 + "=1"


class TestHostileInput:
    @pytest.mark.parametrize(
        "content",
        [
            b"a=1&a[b]=2",
            b"[]=1",
            b"\xff\xfe",
            b"a=%00",
            b"a=%ff",
            DEEP.encode(),
            b"email[]=a",
            b"email[x]=a",
            b"metadata=x",
        ],
    )
    @pytest.mark.parametrize("path", ["/v1/customers", "/v1/prices", "/v1/webhook_endpoints", "/v1/products"])
    def test_as_a_form_is_refused(self, raw, content, path):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = raw.post(path, content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")

    @pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", "\x7f"])
    def test_as_anything_else_is_refused(self, raw, kind):
        answer = raw.post("/v1/customers", content=b'{"email": "a@b.test"}', headers={"Content-Type": kind})
        assert answer.status_code == 400

    @pytest.mark.parametrize(
        "query",
        ["limit=0", "limit=-1", "limit=9e9", "limit=ten", "limit[]=1", "limit[a][b]=1", "starting_after=x", "nothing=1",
         "created[gte]=x", "created[gte][lt]=1", "expand=data", "expand[0][x]=1", "expand[]=data.nothing",
         "expand[]=a.b.c.d.e.f", "expand[x]=data", "email[0]=x"],
    )  # fmt: skip
    def test_in_a_query_is_refused_or_read(self, raw, query):
        assert raw.get(f"/v1/customers?{query}").status_code in {200, 400}

    @pytest.mark.parametrize("id_", ["%00", "..%2f..", "%ff", "a" * 5000, "<script>", "%0d%0aX-A: b", "cus_1%2Fcus_2"])
    def test_in_a_path_is_absent(self, raw, id_):
        for method in ("GET", "POST", "DELETE"):
            answer = raw.request(method, f"/v1/customers/{id_}")
            assert answer.status_code == 404
            assert "x-a" not in answer.headers

    @pytest.mark.parametrize("key", ["x" * 256, "k\u00e4".encode()])
    def test_as_an_idempotency_key_is_no_mistake_of_ours(self, raw, key):
        assert raw.post("/v1/customers", headers={"Idempotency-Key": key}).status_code in {200, 400}

    @pytest.mark.parametrize(
        "lines",
        [
            b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n",
            b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
            b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET\r\n\r\n",
            b"\x16\x03\x01\x00\r\n\r\n",
        ],
    )
    def test_on_the_wire_is_a_bad_request(self, double, lines):
        address = urlsplit(double.url)
        with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
            connection.sendall(lines)
            answer = connection.makefile("rb").read(400)
        assert b" 400" in answer or b"Error code: 400" in answer, answer

    def test_leaves_the_others_alone(self, client):
        assert client.v1.customers.create({"name": "after all that"}).name == "after all that"
