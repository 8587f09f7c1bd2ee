"""Which domain names a tenant may claim. Whose one is, the DNS says; this refuses what can be nobody's alone."""

import re

from freehold.webhooks.targets import LABEL, LONGEST_NAME, OF_SOME_NETWORK

FEWEST_LABELS = 2
COUNTRY = re.compile(r"[a-z]{2}")
REGISTRIES = frozenset(("ac", "co", "com", "edu", "gob", "gov", "go", "mil", "ne", "net", "nom", "or", "org", "gouv"))
"""What stands before a country where names are registered one label further down: `co.uk`, `com.au`, `or.jp`."""
BELOW_OTHERS = """
    amazonaws.com amplifyapp.com appspot.com azurewebsites.net blogspot.com cloudfront.net duckdns.org
    firebaseapp.com fly.dev github.io gitlab.io herokuapp.com myshopify.com netlify.app ngrok.io onmicrosoft.com
    onrender.com pages.dev sharepoint.com vercel.app web.app wordpress.com workers.dev
"""
FREE_MAIL = """
    126.com 163.com aol.com duck.com fastmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
    googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr hotmail.it icloud.com laposte.net
    libero.it live.com mac.com mail.com mail.ru me.com msn.com naver.com orange.fr outlook.com outlook.de pm.me
    proton.me protonmail.com qq.com rediffmail.com seznam.cz t-online.de tuta.com tutanota.com wanadoo.fr web.de
    wp.pl yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru ymail.com zoho.com zohomail.com
"""


def claimable(name: str) -> str:
    """The name as the DNS writes it. Raises ValueError, in a sentence, for one that no tenant can claim."""
    host = name.strip().removesuffix(".").lower()
    labels = host.split(".")
    if len(host) > LONGEST_NAME or not all(LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise ValueError("it is no domain name; write it in ASCII, as in xn--bcher-kva.example")
    if len(labels) < FEWEST_LABELS or OF_SOME_NETWORK.fullmatch(labels[-1]):
        raise ValueError("it is no domain of the public DNS")
    if host in FREE_MAIL.split():
        raise ValueError("everybody can have an address there; claim a domain that is your own")
    if host in BELOW_OTHERS.split() or _is_registry(labels):
        raise ValueError("others register their names below it; claim a domain that is your own")
    return host


def _is_registry(labels: list[str]) -> bool:
    return len(labels) == FEWEST_LABELS and labels[0] in REGISTRIES and bool(COUNTRY.fullmatch(labels[1]))
