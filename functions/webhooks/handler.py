"""The Lambda handler of the webhook routes."""

from freehold.http.lambda_handler import serve
from functions.webhooks.routes import router

handler = serve(router)
