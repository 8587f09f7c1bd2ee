"""The Lambda handler of the invitations routes."""

from freehold.http.lambda_handler import serve
from functions.invitations.routes import router

handler = serve(router)
