"""/v1/plans and /v1/billing, but for what needs Stripe at once: that is functions/checkout."""

from uuid import UUID

from fastapi import APIRouter, Response

from freehold.billing import service
from freehold.billing.models import Billing, Invoice, InvoiceWithLines, Offer
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.pagination import BEFORE_ALL, Page, WantedPage, json_page
from product.plans import PLANS

router = APIRouter(prefix="/v1", tags=["Billing"])


@router.get("/plans", summary="List what is sold")
async def plans(caller: CurrentCaller, db: Db) -> Offer:
    """The least plan first, with what it costs, gives and allows; and the add-ons."""
    return service.offer(db, caller, PLANS)


@router.get("/billing", summary="Read what you have subscribed to")
async def read(caller: CurrentCaller, db: Db) -> Billing:
    """As of the last look at Stripe, which follows each change within moments."""
    return service.read(db, caller, PLANS)


@router.get("/billing/invoices", response_model=Page[Invoice], summary="List invoices")
async def invoices(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first. `amount_refunded` went back; `disputed` says that a bank has taken a payment back for now."""
    return json_page(service.read_invoices(db, caller, page.limit, page.cursor, first=BEFORE_ALL))


@router.get("/billing/invoices/{invoice_id}", summary="Read an invoice")
async def invoice(invoice_id: UUID, caller: CurrentCaller, db: Db) -> InvoiceWithLines:
    """With its lines."""
    return service.read_invoice(db, caller, invoice_id)
