"""Where Stripe's pages lead back to: a page of the product's own, and nowhere else."""

from urllib.parse import SplitResult, urlsplit

from freehold.errors import PageRefused, PaymentsNotSetUp
from freehold.fields import visible
from freehold.settings import settings

BILLING = "/billing"
"""The product's own page of what this is about."""


def billing_page() -> str:
    """Its address; empty where nobody has said where the product's pages are."""
    home = settings().public_url.rstrip("/")
    return home + BILLING if home else ""


def way_back(wanted: str | None) -> str:
    """The whole address of the page that is wanted, or of the billing page. Raises PageRefused, PaymentsNotSetUp."""
    if not (usual := billing_page()):
        raise PaymentsNotSetUp("Nobody has said yet where this product's own pages are: its operators have to.")
    if wanted is None:
        return usual
    home, there = urlsplit(usual), _parts(wanted)
    if wanted.startswith("/") and not there.netloc:
        return f"{home.scheme}://{home.netloc}{wanted}"
    if (there.scheme, there.netloc) != (home.scheme, home.netloc):
        raise PageRefused
    return wanted


def _parts(wanted: str) -> SplitResult:
    """Browsers read a backslash as a slash, and pass over some characters that we would not see."""
    try:
        visible(wanted)
        parts = urlsplit(wanted)
    except ValueError:
        raise PageRefused from None
    if "\\" in wanted or " " in wanted or wanted.startswith("//"):
        raise PageRefused
    return parts
