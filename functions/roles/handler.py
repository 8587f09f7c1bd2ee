"""The Lambda handler of the roles routes."""

from freehold.http.lambda_handler import serve
from functions.roles.routes import router

handler = serve(router)
