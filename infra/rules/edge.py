"""What stands before the API where a stage pays for it: TLS of today, and a firewall that counts."""

from collections.abc import Iterator

from infra.rules.deployment import Deployment, Finding
from infra.rules.rule import Rule
from infra.rules.values import strings

DISTRIBUTION, FIREWALL = "AWS::CloudFront::Distribution", "AWS::WAFv2::WebACL"
_WITH_TLS = {"https-only", "redirect-to-https"}


def _missing(deployed: Deployment) -> Iterator[Finding]:
    if deployed.stage.edge and not [*deployed.every(DISTRIBUTION)]:
        yield Finding(stack="edge", resource=DISTRIBUTION)


def _unguarded(deployed: Deployment) -> Iterator[Finding]:
    for distribution in deployed.every(DISTRIBUTION):
        if not distribution.properties.get("DistributionConfig", {}).get("WebACLId"):
            yield distribution.found()


def _in_the_clear(deployed: Deployment) -> Iterator[Finding]:
    for distribution in deployed.every(DISTRIBUTION):
        config = distribution.properties.get("DistributionConfig", {})
        ways = [config.get("DefaultCacheBehavior", {}), *config.get("CacheBehaviors", [])]
        if not all(way.get("ViewerProtocolPolicy") in _WITH_TLS for way in ways):
            yield distribution.found()


def _uncounted(deployed: Deployment) -> Iterator[Finding]:
    for firewall in deployed.every(FIREWALL):
        if "RateBasedStatement" not in strings(firewall.properties.get("Rules", [])):
            yield firewall.found()


RULES = (
    Rule(
        name="edges-stand-where-they-are-paid-for",
        says="At stages with `edge`, CloudFront stands before the API: deploy the distribution.",
        find=_missing,
    ),
    Rule(
        name="edges-have-a-firewall",
        says="Whatever reaches CloudFront passes the firewall: name it in WebACLId.",
        find=_unguarded,
    ),
    Rule(
        name="edges-refuse-plain-text",
        says="Nobody's credential travels to CloudFront in the clear: let each behaviour take https-only.",
        find=_in_the_clear,
    ),
    Rule(
        name="firewalls-count",
        says="A firewall refuses an address that asks too often, before it costs a call: give it a RateBasedStatement.",
        find=_uncounted,
    ),
)
