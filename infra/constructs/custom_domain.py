"""The API under a name of its founder's own; behind an edge, under a name that answers CloudFront alone."""

from aws_cdk.aws_apigatewayv2 import CfnApiMapping, CfnDomainName, CfnStage
from constructs import Construct

from infra.constructs.records import lead
from infra.domain import Domain


class CustomDomain(Construct):
    """TLS 1.2 or newer. With an edge, API Gateway answers nobody who does not show the edge's certificate."""

    def __init__(self, scope: Construct, domain: Domain, *, stage: CfnStage) -> None:
        super().__init__(scope, "Domain")
        name = CfnDomainName(
            self,
            "Name",
            domain_name=domain.at_gateway,
            domain_name_configurations=[
                CfnDomainName.DomainNameConfigurationProperty(
                    certificate_arn=domain.certificate, endpoint_type="REGIONAL", security_policy="TLS_1_2"
                )
            ],
            mutual_tls_authentication=_shown_by_the_edge(domain),
        )
        mapping = CfnApiMapping(self, "Mapping", api_id=stage.api_id, domain_name=name.ref, stage=stage.stage_name)
        mapping.add_resource_dependency(stage)
        lead(
            self,
            domain.at_gateway,
            to=name.attr_regional_domain_name,
            of=name.attr_regional_hosted_zone_id,
            zone=domain.zone,
            kinds=("A",),
        )


def _shown_by_the_edge(domain: Domain) -> CfnDomainName.MutualTlsAuthenticationProperty | None:
    if domain.edge is None:
        return None
    return CfnDomainName.MutualTlsAuthenticationProperty(truststore_uri=domain.edge.truststore)
