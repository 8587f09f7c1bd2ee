"""A stage's estimate: every resource of its templates and every line of its use, priced."""

from infra.cost.lines import Estimate, priced, without_free
from infra.cost.prices import Prices
from infra.cost.resources import fixed
from infra.cost.template import Templates
from infra.cost.usage import Usage, used
from infra.stage import Stage


def estimate(templates: Templates, stage: Stage, usage: Usage, prices: Prices, *, free_tier: bool = False) -> Estimate:
    """Raises SynthesisError where a resource has no rule, or a rule no price."""
    lines = [
        *priced("fixed", fixed(templates, stage, prices), prices),
        *priced("use", used(templates, stage, usage), prices),
    ]
    return Estimate(
        stage=stage.name,
        region=prices.region,
        currency=prices.currency,
        read_on=prices.read_on.isoformat(),
        tenants=usage.tenants,
        requests=usage.requests,
        free_tier=free_tier,
        lines=tuple(without_free(lines, prices) if free_tier else lines),
    )
