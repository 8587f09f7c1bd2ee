"""The plans of this product, as plans.toml says."""

from pathlib import Path

from freehold.billing.plans_file import load

PLANS = load(Path(__file__).with_name("plans.toml"))
