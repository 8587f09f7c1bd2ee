"""The Lambda handler of the jobs routes."""

from freehold.http.lambda_handler import serve
from functions.jobs.routes import router

handler = serve(router)
