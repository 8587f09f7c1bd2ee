"""The Lambda handler of the audit trail's routes."""

from freehold.http.lambda_handler import serve
from functions.audit.routes import router

handler = serve(router)
