"""The edge: what stands before the API where a stage pays for it. In us-east-1, where CloudFront looks.

clients ──▶ Firewall ──▶ CloudFront (TLS, HTTP/3) ──▶ the API under its origin's name, which knows CloudFront's
                                                      certificate and answers nobody else

It reads no parameter of the other stacks, as parameters end at a region's border: what it has to know are names, and
those a founder has chosen.
"""

from aws_cdk import Environment, Stack
from constructs import Construct

from infra.constructs.distribution import Distribution
from infra.constructs.firewall import Firewall
from infra.domain import EDGE_REGION, Domain, Edge
from infra.stage import Stage


class EdgeStack(Stack):
    """CloudFront and its firewall."""

    def __init__(self, scope: Construct, *, stage: Stage, domain: Domain, edge: Edge) -> None:
        super().__init__(
            scope,
            f"freehold-{stage.name}-edge",
            description=f"Freehold ({stage.name}): CloudFront and its firewall",
            env=Environment(region=EDGE_REGION),
        )
        firewall = Firewall(self, stage=stage)
        Distribution(self, domain, edge, stage=stage, firewall=firewall.arn)
