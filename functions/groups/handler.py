"""The Lambda handler of the groups routes."""

from freehold.http.lambda_handler import serve
from functions.groups.routes import router

handler = serve(router)
