"""Two zones, one way out, no way in; each check is shown to find a planted fault."""

import pytest

from tests.infra.templates import of_type, only, parameters_written, text


def subnets_of(template, name):
    """Logical ids of the subnets that a parameter names."""
    [value] = [value for path, value in parameters_written(template).items() if path.endswith(f"/{name}")]
    return {part["Ref"] for part in value["Fn::Join"][1] if part != ","}


def ways_out(template, subnet):
    """Where the subnet's routes lead."""
    associations = of_type(template, "AWS::EC2::SubnetRouteTableAssociation").values()
    tables = [found["RouteTableId"] for found in associations if found["SubnetId"] == {"Ref": subnet}]
    routes = [route for route in of_type(template, "AWS::EC2::Route").values() if route["RouteTableId"] in tables]
    return [route.keys() - {"RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock"} for route in routes]


def has_public_address(template):
    """Whatever would get an address of the internet's."""
    instances = of_type(template, "AWS::EC2::Instance").items()
    interfaces = {name: instance.get("NetworkInterfaces", []) for name, instance in instances}
    subnets = of_type(template, "AWS::EC2::Subnet").items()
    return {
        *(name for name, found in interfaces.items() if any(one.get("AssociatePublicIpAddress") for one in found)),
        *(name for name, subnet in subnets if subnet.get("MapPublicIpOnLaunch") is not False),
        *of_type(template, "AWS::EC2::EIP"),
    }


def routes_out(template):
    """Routes to a machine or a gateway that translates addresses."""
    found = of_type(template, "AWS::EC2::Route").values()
    return [route for route in found if {"NatGatewayId", "InstanceId"} & route.keys()]


@pytest.fixture
def network(stacks):
    return stacks["network"]


class TestSubnets:
    def test_are_in_as_many_zones_as_the_stage_has(self, network, stage):
        for name in ("network/subnets", "network/database-subnets"):
            found = [network["Resources"][subnet]["Properties"] for subnet in subnets_of(network, name)]
            assert len({text(subnet["AvailabilityZone"]) for subnet in found}) == len(found) == stage.zones

    def test_of_databases_lead_nowhere(self, network, stage):
        found = [ways_out(network, subnet) for subnet in subnets_of(network, "network/database-subnets")]
        assert found == [[]] * stage.zones

    def test_of_functions_lead_out_as_the_stage_pays_for(self, network, stage):
        by = {"instance": {"InstanceId"}, "gateway": {"NatGatewayId"}}[stage.egress]
        found = [ways_out(network, subnet) for subnet in subnets_of(network, "network/subnets")]
        assert found == [[by]] * stage.zones

    def test_of_functions_share_no_more_than_the_stage_lets_them(self, network, stage):
        gateways = {text(found.get("NatGatewayId", found.get("InstanceId"))) for found in routes_out(network)}
        assert len(gateways) == stage.ways_out


class TestPublicAddresses:
    def test_are_the_way_out_alone(self, network, stage):
        addresses = has_public_address(network)
        assert len(addresses) == stage.ways_out
        kind = {"instance": "AWS::EC2::Instance", "gateway": "AWS::EC2::EIP"}[stage.egress]
        assert {network["Resources"][address]["Type"] for address in addresses} == {kind}


class TestWayOut:
    def test_is_one_or_one_in_each_zone(self, network, stage):
        made = [*of_type(network, "AWS::EC2::Instance"), *of_type(network, "AWS::EC2::NatGateway")]
        assert len(made) == stage.ways_out

    def test_to_storage_costs_nothing(self, network):
        assert only(network, "AWS::EC2::VPCEndpoint")["VpcEndpointType"] == "Gateway"
