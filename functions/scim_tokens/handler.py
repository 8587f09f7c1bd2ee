"""The Lambda handler of the scim_tokens routes."""

from freehold.http.lambda_handler import serve
from functions.scim_tokens.routes import router

handler = serve(router)
