"""The log: one JSON object a line, the keys of the request on each, and nothing carried over to the next one."""

import logging

from aws_lambda_powertools import Logger

logger = Logger(service="freehold", utc=True, use_rfc3339=True, location="%(module)s:%(lineno)d")

logging.getLogger("mangum").setLevel(logging.CRITICAL)  # we log what it would, with the request's keys
logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # likewise: lost connections reach us as errors
