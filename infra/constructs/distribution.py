"""CloudFront in front of the API: it caches nothing, ends TLS near the client, and alone is let in behind it."""

from pathlib import Path

from aws_cdk import Acknowledgment, Stack, Validations
from aws_cdk.aws_cloudfront import (
    CachePolicy,
    CfnDistribution,
    CfnFunction,
    OriginRequestCookieBehavior,
    OriginRequestHeaderBehavior,
    OriginRequestPolicy,
    OriginRequestQueryStringBehavior,
)
from aws_cdk.aws_logs import CfnDelivery, CfnDeliveryDestination, CfnDeliverySource
from constructs import Construct

from infra.constructs.logs import arn_of, log_group
from infra.constructs.records import lead
from infra.domain import Domain, Edge
from infra.stage import Stage

ZONE_OF_CLOUDFRONT = "Z2FDTNDATAQYW2"
"""Route 53's id for whatever leads to CloudFront, the same for everybody."""

READ_TIMEOUT = 35
"""Seconds; API Gateway gives up after 30, and its answer says more than CloudFront's."""

LOGGED = (
    "date",
    "time",
    "c-ip",
    "cs-method",
    "cs(Host)",
    "cs-uri-stem",
    "sc-status",
    "sc-bytes",
    "cs-bytes",
    "cs(User-Agent)",
    "time-taken",
    "time-to-first-byte",
    "cs-protocol-version",
    "ssl-protocol",
    "x-edge-location",
    "x-edge-request-id",
    "x-edge-detailed-result-type",
)
"""Without queries and referrers: a filter of SCIM's holds somebody's address."""

_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
_VIEWER = Path(__file__).with_name("viewer.js")


class Distribution(Construct):
    """One name, one origin, one behaviour."""

    def __init__(self, scope: Construct, domain: Domain, edge: Edge, *, stage: Stage, firewall: str) -> None:
        super().__init__(scope, "Distribution")
        self._stage = stage
        self.distribution = CfnDistribution(
            self,
            "Cdn",
            distribution_config=CfnDistribution.DistributionConfigProperty(
                enabled=True,
                comment=f"freehold-{stage.name}",
                aliases=[domain.name],
                http_version="http2and3",
                ipv6_enabled=True,
                origins=[_origin(edge)],
                default_cache_behavior=self._behaviour(),
                viewer_certificate=CfnDistribution.ViewerCertificateProperty(
                    acm_certificate_arn=edge.certificate,
                    minimum_protocol_version="TLSv1.2_2021",
                    ssl_support_method="sni-only",
                ),
                web_acl_id=firewall,
            ),
        )
        self._log()
        lead(
            self,
            domain.name,
            to=self.distribution.attr_domain_name,
            of=ZONE_OF_CLOUDFRONT,
            zone=domain.zone,
            kinds=("A", "AAAA"),
        )
        _acknowledge(self.distribution)

    def _behaviour(self) -> CfnDistribution.DefaultCacheBehaviorProperty:
        return CfnDistribution.DefaultCacheBehaviorProperty(
            target_origin_id="api",
            viewer_protocol_policy="https-only",
            allowed_methods=_METHODS,
            cache_policy_id=CachePolicy.CACHING_DISABLED.cache_policy_id,
            origin_request_policy_id=self._passed_on().origin_request_policy_id,
            function_associations=[
                CfnDistribution.FunctionAssociationProperty(
                    event_type="viewer-request", function_arn=self._viewer().attr_function_metadata_function_arn
                )
            ],
        )

    def _passed_on(self) -> OriginRequestPolicy:
        """All but the host, by which API Gateway finds its API, and cookies, which mean nothing here."""
        return OriginRequestPolicy(
            self,
            "PassedOn",
            origin_request_policy_name=f"freehold-{self._stage.name}",
            header_behavior=OriginRequestHeaderBehavior.deny_list("host"),
            query_string_behavior=OriginRequestQueryStringBehavior.all(),
            cookie_behavior=OriginRequestCookieBehavior.none(),
        )

    def _viewer(self) -> CfnFunction:
        """Says who asks, and for which host: API Gateway sees neither."""
        name = f"freehold-{self._stage.name}-viewer"
        return CfnFunction(
            self,
            "Viewer",
            name=name,
            auto_publish=True,
            function_code=_VIEWER.read_text(),
            function_config=CfnFunction.FunctionConfigProperty(comment=name, runtime="cloudfront-js-2.0"),
        )

    def _log(self) -> None:
        name = f"freehold-{self._stage.name}-edge"
        logs = log_group(self, "Logs", self._stage)
        source = CfnDeliverySource(
            self, "LogSource", name=name, log_type="ACCESS_LOGS", resource_arn=_arn(self.distribution)
        )
        destination = CfnDeliveryDestination(
            self, "LogDestination", name=name, destination_resource_arn=arn_of(logs), output_format="json"
        )
        delivery = CfnDelivery(
            self,
            "LogDelivery",
            delivery_source_name=name,
            delivery_destination_arn=destination.attr_arn,
            record_fields=list(LOGGED),
        )
        delivery.add_resource_dependency(source)


def _origin(edge: Edge) -> CfnDistribution.OriginProperty:
    """API Gateway under its own name, to which CloudFront shows who it is."""
    return CfnDistribution.OriginProperty(
        id="api",
        domain_name=edge.origin,
        custom_origin_config=CfnDistribution.CustomOriginConfigProperty(
            origin_protocol_policy="https-only",
            origin_ssl_protocols=["TLSv1.2"],
            origin_read_timeout=READ_TIMEOUT,
            origin_mtls_config=CfnDistribution.OriginMtlsConfigProperty(client_certificate_arn=edge.client),
        ),
    )


def _arn(distribution: CfnDistribution) -> str:
    return Stack.of(distribution).format_arn(
        service="cloudfront", region="", resource="distribution", resource_name=distribution.ref
    )


def _acknowledge(distribution: CfnDistribution) -> None:
    Validations.of(distribution).acknowledge(
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-CFR1", reason="Customers are wherever they are; no country is shut out."
        ),
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-CFR3",
            reason="It logs to CloudWatch Logs, for as long as the stage says; the rule knows buckets alone.",
        ),
    )
