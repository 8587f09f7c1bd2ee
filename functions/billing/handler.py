"""The Lambda handler of the billing routes."""

from freehold.http.lambda_handler import serve
from functions.billing.routes import router

handler = serve(router)
