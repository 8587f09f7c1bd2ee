"""The attack over HTTP, driven by the OpenAPI document and the manifest: whatever route there is, is attacked."""

from proof.http.families import FAMILIES, FULL, QUICK, Family, Focus, attack
from proof.http.stage import Stage, on_stage

__all__ = ["FAMILIES", "FULL", "QUICK", "Family", "Focus", "Stage", "attack", "on_stage"]
