"""The Lambda handler of the routes that ask Stripe."""

from freehold.http.lambda_handler import serve
from functions.checkout.routes import router

handler = serve(router)
