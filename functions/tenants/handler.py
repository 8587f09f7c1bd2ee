"""The Lambda handler of the tenants routes."""

from freehold.http.lambda_handler import serve
from functions.tenants.routes import router

handler = serve(router)
