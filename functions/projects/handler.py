"""The Lambda handler of the projects routes."""

from freehold.http.lambda_handler import serve
from functions.projects.routes import router

handler = serve(router)
