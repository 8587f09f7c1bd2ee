"""The Lambda handler of the routes that ask Stripe."""

from freehold.billing.gateway import import_sdk
from freehold.http.lambda_handler import serve
from functions.checkout.routes import router

import_sdk()
handler = serve(router)
