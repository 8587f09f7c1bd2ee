"""The Lambda handler of the routes that show usage."""

from freehold.http.lambda_handler import serve
from functions.usage_pages.routes import router

handler = serve(router)
