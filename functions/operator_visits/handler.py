"""The Lambda handler of the operator visits routes."""

from freehold.http.lambda_handler import serve
from functions.operator_visits.routes import router

handler = serve(router)
