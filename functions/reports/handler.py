"""The Lambda handler of the routes of reports."""

from freehold.http.lambda_handler import serve
from functions.reports.routes import router

handler = serve(router)
