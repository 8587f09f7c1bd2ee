"""Amounts: whole minor units of a currency, and how a person reads them."""

from decimal import Decimal

MOST = 99_999_999
"""Minor units; Stripe charges no more at once (docs.stripe.com/currencies, "Minimum and maximum charge amounts")."""

_TWO_DECIMALS = (
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny "
    "cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk "
    "jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio "
    "nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs "
    "top try ttd twd tzs uah ugx usd uyu uzs wst xcd yer zar zmw"
)
_NO_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE_DECIMALS = "bhd jod kwd omr tnd"

DECIMALS = {
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}
"""How many decimals the major unit of a currency has at Stripe, by its lower-case ISO 4217 code."""

STEPS = {**dict.fromkeys(_THREE_DECIMALS.split(), 10), "isk": 100, "ugx": 100}
"""What an amount must be a multiple of, where that is not 1 (docs.stripe.com/currencies, "Special cases")."""


def shown(amount: Decimal | int, currency: str) -> str:
    """`49.00 USD` for 4900 minor units of usd; parts of a minor unit keep their digits."""
    decimals = DECIMALS[currency]
    major = Decimal(amount).scaleb(-decimals).normalize()
    _, _, exponent = major.as_tuple()
    digits = max(decimals, -exponent if isinstance(exponent, int) else 0)
    return f"{major:.{digits}f} {currency.upper()}"
