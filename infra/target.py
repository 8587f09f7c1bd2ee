"""The machine that a package is built for: Lambda on Graviton, or the one at hand."""

import platform
from dataclasses import dataclass
from typing import Literal

from infra.errors import SynthesisError

PYTHON = "3.13"
"""The version that functions run on, and therefore the one that compiles their bytecode."""

type Architecture = Literal["arm64", "x86_64"]
type TargetName = Literal["arm64", "host"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A processor, and whose wheels run on it."""

    architecture: Architecture
    wheels: str | None
    """The platform in uv's words; None takes what fits this machine, which on macOS is no Linux wheel."""


GRAVITON = Target(architecture="arm64", wheels="aarch64-manylinux_2_28")

_ARCHITECTURES: dict[str, Architecture] = {
    "aarch64": "arm64",
    "arm64": "arm64",
    "x86_64": "x86_64",
    "amd64": "x86_64",
}


def target_named(name: TargetName) -> Target:
    """`arm64` is what deploys to AWS, `host` what runs in the emulator on this machine."""
    return GRAVITON if name == "arm64" else host_target(platform.machine())


def host_target(machine: str) -> Target:
    """The machine at hand, as `platform.machine()` names it."""
    architecture = _ARCHITECTURES.get(machine.lower())
    if architecture is None:
        raise SynthesisError(f"Lambda knows no processor like this machine's ({machine}): use `--architecture arm64`.")
    return Target(architecture=architecture, wheels=None)
