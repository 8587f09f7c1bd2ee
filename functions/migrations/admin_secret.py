"""The password of the database's administrator: RDS made it and renews it, and nobody else asks for it."""

import json
import os

SECRET = "FREEHOLD_ADMIN_SECRET"  # noqa: S105 (its name)


def admin_password() -> str:
    """From Secrets Manager. boto3 is Lambda's own: it is not in our layer, and no request imports it."""
    import boto3  # noqa: PLC0415 (where it is used)

    value = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ[SECRET])["SecretString"]
    return str(json.loads(value)["password"])
