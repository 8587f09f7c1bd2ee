"""The Lambda handler of the api_keys routes."""

from freehold.http.lambda_handler import serve
from functions.api_keys.routes import router

handler = serve(router)
