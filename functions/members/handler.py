"""The Lambda handler of the members routes."""

from freehold.http.lambda_handler import serve
from functions.members.routes import router

handler = serve(router)
