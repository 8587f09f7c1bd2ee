"""/v1/plans and /v1/billing, but for what needs Stripe at once: that is functions/checkout."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response

from freehold.billing import service
from freehold.billing.gateway import stripe_of_stage
from freehold.billing.models import Billing, Cancellation, Invoice, InvoiceWithLines, Nothing, Offer, WantedChange
from freehold.billing.operations import payments
from freehold.http.dependencies import CurrentCaller, Db
from freehold.http.guards import CurrentDecisions
from freehold.http.idempotency import IdempotencyKey, unpack
from freehold.http.pagination import BEFORE_ALL, Page, WantedPage, json_page
from freehold.jobs import service as jobs
from freehold.jobs.models import Job, JobId, JobShown
from product.plans import PLANS

KINDS = payments(stripe_of_stage, PLANS)

router = APIRouter(prefix="/v1", tags=["Billing"])


@router.get("/plans", summary="List what is sold")
async def plans(caller: CurrentCaller, db: Db) -> Offer:
    """The least plan first, with what it costs, gives and allows; and the add-ons."""
    return service.offer(db, caller, PLANS)


@router.get("/billing", summary="Read what you have subscribed to")
async def read(caller: CurrentCaller, db: Db, decisions: CurrentDecisions) -> Billing:
    """As of the last look at Stripe, which follows each change within moments."""
    return service.read(db, caller, PLANS, service.Has(features=decisions.features(), limits=decisions.limits()))


@router.get("/billing/invoices", response_model=Page[Invoice], summary="List invoices")
async def invoices(caller: CurrentCaller, db: Db, page: WantedPage) -> Response:
    """Newest first. `amount_refunded` went back; `disputed` says that a bank has taken a payment back for now."""
    return json_page(service.read_invoices(db, caller, page.limit, page.cursor, first=BEFORE_ALL))


@router.get("/billing/invoices/{invoice_id}", summary="Read an invoice")
async def invoice(invoice_id: UUID, caller: CurrentCaller, db: Db) -> InvoiceWithLines:
    """With its lines."""
    return service.read_invoice(db, caller, invoice_id)


@router.get("/billing/requests/{job_id}", summary="Read what came of a change")
async def request(job_id: JobId, caller: CurrentCaller, db: Db) -> JobShown:
    """The job of a change, a cancellation or a resumption; also for whoever sees no other jobs."""
    return jobs.read_payment(db, caller, job_id)


@router.post("/billing/change", status_code=202, summary="Change your subscription")
async def change(wanted: WantedChange, caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Job:
    """More begins now and is charged now, less begins with the next period. If the payment fails, all stays as it is.

    The job's result says which of it happened; with a preview, exactly what that said is charged, or nothing.
    """
    return unpack(service.submit(db, caller, KINDS["change"], wanted, once), response)


@router.post("/billing/cancel", status_code=202, summary="Cancel your subscription")
async def cancel(
    wanted: Annotated[Cancellation, Body(default_factory=Cancellation)],
    caller: CurrentCaller,
    db: Db,
    once: IdempotencyKey,
    response: Response,
) -> Job:
    """At the end of what is paid for, unless you say now. Until then it can be resumed."""
    return unpack(service.submit(db, caller, KINDS["cancel"], wanted, once), response)


@router.post("/billing/resume", status_code=202, summary="Resume your subscription")
async def resume(caller: CurrentCaller, db: Db, once: IdempotencyKey, response: Response) -> Job:
    """As if it had been neither cancelled nor made less; a paused one is paid for from now on.

    One that has ended begins anew instead: POST …/checkout.
    """
    return unpack(service.submit(db, caller, KINDS["resume"], Nothing(), once), response)
