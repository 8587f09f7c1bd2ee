"""A domain as a founder would choose it."""

from infra.domain import Domain, Edge

NUMBER = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
HERE = f"arn:aws:acm:eu-central-1:123456789012:certificate/{NUMBER}"
AT_CLOUDFRONT = f"arn:aws:acm:us-east-1:123456789012:certificate/{NUMBER}"
ZONE = "Z0123456789ABCDEFGHIJ"

EDGE_CONTEXT = {
    "origin": "origin.acme.com",
    "certificate": AT_CLOUDFRONT,
    "client": AT_CLOUDFRONT.replace("0a1b", "ffff"),
    "truststore": "s3://acme-edge/authority.pem",
}
CONTEXT = {"name": "api.acme.com", "certificate": HERE, "zone": ZONE}

EDGE = Edge(**EDGE_CONTEXT)
DOMAIN = Domain(**CONTEXT)
BEHIND_THE_EDGE = Domain(**CONTEXT, edge=EDGE)
WITHOUT_ZONE = Domain(name="api.acme.com", certificate=HERE)
