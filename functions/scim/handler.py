"""The Lambda handler of the scim routes."""

from freehold.http.lambda_handler import serve
from freehold.http.scim import SCIM
from functions.scim.routes import router

handler = serve(router, SCIM)
