"""The Lambda handler of the routes of single sign-on."""

from freehold.http.lambda_handler import serve
from functions.sso.routes import router

handler = serve(router)
