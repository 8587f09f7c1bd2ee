"""The pages of the double that people click through: checkout, portal and invoices; no key, and no scripts."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote

from local.stripe_double import checkout_page, look, portal_page
from local.stripe_double.card_form import Typed, address_of, card_of
from local.stripe_double.checkout import totals
from local.stripe_double.engine import Double
from local.stripe_double.refusals import Refused, invalid
from local.stripe_double.server import Request, Response

type Object = dict[str, Any]
type Page = Callable[[Typed], Response]

_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": look.POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_MOST_FIELDS = 50


class Pages:
    """Those of one double."""

    def __init__(self, engine: Double) -> None:
        self._engine = engine

    def answer(self, request: Request) -> Response | None:
        """One request of a browser; None for a path that is no page."""
        page = self._page(request)
        if page is None:
            return None
        try:
            return page(_typed(request))
        except Refused as refused:
            return _shown(look.page("This cannot be done", look.alert(refused.message)), status=refused.status)

    def _page(self, request: Request) -> Page | None:
        way = request.path.strip("/").split("/")
        pages: dict[tuple[str, ...], Callable[..., Response]] = {
            ("GET", "c", "pay"): self._checkout,
            ("POST", "c", "pay"): self._pay,
            ("GET", "p", "session"): self._portal,
            ("POST", "p", "session", "card"): self._change_card,
            ("POST", "p", "session", "cancel"): partial(self._end, end="true"),
            ("POST", "p", "session", "undo"): partial(self._end, end="false"),
            ("GET", "invoices"): self._invoice,
            ("POST", "invoices"): self._pay_invoice,
        }
        at = 1 if way[0] == "invoices" else 2
        page = pages.get((request.method, *way[:at], *way[at + 1 :]))
        return partial(page, way[at]) if page and len(way) > at else None

    def _checkout(self, id_: str, typed: Typed, said: str = "", told: str = "") -> Response:
        session = self._ask("GET", f"/v1/checkout/sessions/{id_}", expand=["line_items"])
        if session["status"] != "open":
            return _shown(checkout_page.closed(session))
        session |= self._totals(id_, typed)
        shown = checkout_page.checkout(session, typed, said=said, told=told, trial_days=self._trial_days(id_))
        return _shown(shown, status=402 if said else 200)

    def _pay(self, id_: str, typed: Typed) -> Response:
        session = self._ask("GET", f"/v1/checkout/sessions/{id_}")
        if session["status"] != "open":
            return _shown(checkout_page.closed(session))
        try:
            if typed.get("do") == "apply":
                return self._checkout(id_, typed, told=checkout_page.promised(self._coupon(typed)))
            if typed.get("promotion_code"):
                self._coupon(typed)
            self._complete(id_, typed)
        except Refused as refused:
            return self._checkout(id_, typed, said=refused.message)
        return _sent_to((session["success_url"] or f"/c/pay/{id_}").replace("{CHECKOUT_SESSION_ID}", id_))

    def _portal(self, id_: str, typed: Typed, said: str = "") -> Response:
        session = self._portal_session(id_)
        told = portal_page.DONE.get(typed.get("done", ""), "")
        shown = portal_page.portal(self._held(session), typed if said else {}, said=said, told=told)
        return _shown(shown, status=402 if said else 200)

    def _change_card(self, id_: str, typed: Typed) -> Response:
        session = self._portal_session(id_)
        try:
            self._save_card(session["customer"], typed)
        except Refused as refused:
            return self._portal(id_, typed, said=refused.message)
        return _sent_to(f"/p/session/{id_}?done=card")

    def _end(self, id_: str, typed: Typed, *, end: str) -> Response:
        """A subscription of another customer is as absent as none."""
        session, wanted = self._portal_session(id_), typed.get("subscription", "")
        if wanted not in [one["id"] for one in self._all("/v1/subscriptions", customer=session["customer"])]:
            raise invalid("This customer has no such subscription.")
        self._ask("POST", f"/v1/subscriptions/{wanted}", cancel_at_period_end=end)
        return _sent_to(f"/p/session/{id_}?done={'cancel' if end == 'true' else 'undo'}")

    def _invoice(self, id_: str, typed: Typed, said: str = "") -> Response:
        shown = self._ask("GET", f"/v1/invoices/{id_}")
        told = portal_page.DONE.get(typed.get("done", ""), "")
        return _shown(portal_page.invoice(shown, typed, said=said, told=told), status=402 if said else 200)

    def _pay_invoice(self, id_: str, typed: Typed) -> Response:
        shown = self._ask("GET", f"/v1/invoices/{id_}")
        try:
            card = self._save_card(shown["customer"], typed)
            self._ask("POST", f"/v1/invoices/{id_}/pay", payment_method=card)
        except Refused as refused:
            return self._invoice(id_, typed, said=refused.message)
        return _sent_to(f"/invoices/{id_}?done=paid")

    def _portal_session(self, id_: str) -> Object:
        """There is no path of Stripe's to read one."""
        session = self._engine.find(id_)
        if session is None or session["object"] != "billing_portal.session":
            raise Refused(404, "invalid_request_error", "There is no such page.")
        return session

    def _held(self, session: Object) -> portal_page.Held:
        customer = self._ask("GET", f"/v1/customers/{session['customer']}")
        subscriptions = self._all("/v1/subscriptions", customer=customer["id"])
        return portal_page.Held(
            session=session,
            subscriptions=subscriptions,
            upcoming={one["id"]: next_ for one in subscriptions if (next_ := self._upcoming(one)) is not None},
            cards=self._all("/v1/payment_methods", customer=customer["id"]),
            default_card=customer["invoice_settings"]["default_payment_method"],
            invoices=self._all("/v1/invoices", customer=customer["id"]),
        )

    def _upcoming(self, subscription: Object) -> Object | None:
        try:
            return self._ask("POST", "/v1/invoices/create_preview", subscription=subscription["id"])
        except Refused:
            return None

    def _save_card(self, customer: str, typed: Typed) -> str:
        """The default of the customer and of all its subscriptions from now on. Raises Refused."""
        card: str = self._ask("POST", "/v1/payment_methods", type="card", card=card_of(typed))["id"]
        self._ask("POST", f"/v1/payment_methods/{card}/attach", customer=customer)
        self._ask("POST", f"/v1/customers/{customer}", invoice_settings={"default_payment_method": card})
        for one in self._all("/v1/subscriptions", customer=customer):
            self._ask("POST", f"/v1/subscriptions/{one['id']}", default_payment_method=card)
        return card

    def _complete(self, id_: str, typed: Typed) -> None:
        """Raises Refused."""
        card = card_of(typed) if typed.get("number") else {"number": ""}
        self._engine.complete_checkout(
            id_,
            card=card["number"],
            expires=(int(card["exp_month"]), int(card["exp_year"])) if card["number"] else None,
            promotion_code=typed.get("promotion_code", "").strip() or None,
            email=typed.get("email") or None,
            name=typed.get("name") or None,
            address=address_of(typed),
        )

    def _trial_days(self, id_: str) -> int | None:
        """What a session does not show over the API."""
        with self._engine.lock:
            asked = self._engine.world.store.objects[id_]["_given"].get("subscription_data") or {}
        days: int | None = asked.get("trial_period_days")
        return days

    def _totals(self, id_: str, typed: Typed) -> Object:
        """With the promotion code that was typed, if it is one."""
        with self._engine.lock:
            world = self._engine.world
            return totals(world, world.store.objects[id_], typed.get("promotion_code"))

    def _coupon(self, typed: Typed) -> Object:
        """What the promotion code gives that was typed. Raises Refused."""
        found = self._all("/v1/promotion_codes", code=typed.get("promotion_code", "").strip(), active="true")
        if not found:
            raise invalid("This code is invalid.", param="promotion_code")
        return self._ask("GET", f"/v1/coupons/{found[0]['promotion']['coupon']}")

    def _all(self, path: str, **params: object) -> list[Object]:
        """The newest, as many as one page shows."""
        listed: list[Object] = self._ask("GET", path, **params)["data"]
        return listed

    def _ask(self, method: str, path: str, **params: object) -> Object:
        return self._engine.request(method, path, params)


def _typed(request: Request) -> Typed:
    """What was typed into a form, or stands in the address."""
    text = request.body.decode(errors="replace") if request.method == "POST" else request.query
    try:
        return dict(parse_qsl(text, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise invalid(f"A form has at most {_MOST_FIELDS} fields.") from None


def _shown(page: str, *, status: int = 200) -> Response:
    return Response(status=status, body=page.encode(errors="replace"), headers=_HEADERS)


def _sent_to(address: str) -> Response:
    """Whatever a header cannot hold is escaped."""
    return Response(status=303, headers={"Location": quote(address, safe="%/:?#[]@!$&'()*+,;=~")})
