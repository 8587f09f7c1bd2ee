"""The way out: what turns a private address into a public one, as the stage pays for it."""

from collections.abc import Callable, Mapping
from typing import cast

from aws_cdk import Acknowledgment, Validations
from aws_cdk.aws_ec2 import (
    CfnInstance,
    CfnLaunchTemplate,
    Instance,
    InstanceType,
    MachineImage,
    NatInstanceProviderV2,
    NatProvider,
    NatTrafficDirection,
    Peer,
    Port,
    UserData,
)

from infra.stage import Egress

_SMALLEST = "t4g.nano"
"""Its half gigabyte is too little for the package manager alone, hence the swap file."""

_TRANSLATE = """
dd if=/dev/zero of=/swap bs=1M count=1024
chmod 600 /swap
mkswap /swap
swapon /swap
echo /swap none swap defaults 0 0 >> /etc/fstab
until dnf install -y iptables-services; do sleep 5; done
systemctl enable --now iptables
echo net.ipv4.ip_forward=1 > /etc/sysctl.d/90-nat.conf
sysctl -p /etc/sysctl.d/90-nat.conf
iptables -t nat -A POSTROUTING -o "$(ip route show default | awk '{print $5; exit}')" -j MASQUERADE
iptables -F FORWARD
service iptables save
"""
"""A gigabyte to swap, then CDK's own commands, tried until they work: at the first boot, the package manager is often
busy with itself."""

_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64"
_RENEWED = "2026-11-22"
"""Another day is another machine, with the newest image. For a minute or so nothing inside reaches the internet."""

_ROOT_VOLUME = "/dev/xvda"

NAT: Mapping[Egress, Callable[[], NatProvider]] = {
    "instance": lambda: NatProvider.instance_v2(
        instance_type=InstanceType(_SMALLEST),
        machine_image=MachineImage.resolve_ssm_parameter_at_launch(_IMAGE),
        associate_public_ip_address=True,
        user_data=UserData.custom(f"#!/bin/bash{_TRANSLATE}"),
        default_allowed_traffic=NatTrafficDirection.OUTBOUND_ONLY,
    ),
    "gateway": NatProvider.gateway,
}
"""Makers, because a provider belongs to the one network that it was given to."""


def harden(nat: NatProvider, *, serves: str) -> None:
    """A gateway is AWS's to look after; an instance is ours. `serves` is the range of addresses that may use it."""
    if isinstance(nat, NatInstanceProviderV2):
        nat.connections.allow_from(Peer.ipv4(serves), Port.all_traffic(), "What the network sends out")
        for instance in nat.gateway_instances:
            _harden_instance(instance)


def _harden_instance(instance: Instance) -> None:
    resource = cast("CfnInstance", instance.node.default_child)
    _keep_image(instance, resource)
    resource.metadata_options = CfnInstance.MetadataOptionsProperty(http_tokens="required")
    resource.block_device_mappings = [
        CfnInstance.BlockDeviceMappingProperty(
            device_name=_ROOT_VOLUME, ebs=CfnInstance.EbsProperty(encrypted=True, volume_type="gp3")
        )
    ]
    Validations.of(instance).acknowledge(
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-EC28",
            reason="No request needs it, so five-minute metrics are soon enough.",
        ),
        Acknowledgment(
            id="AwsSolutions::AwsSolutions-EC29",
            reason="It holds nothing, and a newer image replaces it.",
        ),
    )


def _keep_image(instance: Instance, resource: CfnInstance) -> None:
    """EC2 looks up the newest image once. Did CloudFormation, a new image would replace the way out in any deploy."""
    template = CfnLaunchTemplate(
        instance,
        "Template",
        version_description=_RENEWED,
        launch_template_data=CfnLaunchTemplate.LaunchTemplateDataProperty(
            image_id=resource.image_id,
            metadata_options=CfnLaunchTemplate.MetadataOptionsProperty(http_tokens="required"),
        ),
    )
    resource.image_id = None
    resource.launch_template = CfnInstance.LaunchTemplateSpecificationProperty(
        launch_template_id=template.ref, version=template.attr_latest_version_number
    )
