"""What functions are made of, as Lambda sees it: their own code, and the layers that they share."""

from pathlib import Path

from aws_cdk.aws_lambda import Architecture, AssetCode, Code, LayerVersion, Runtime, RuntimeFamily
from constructs import Construct

from functions.declaration import Function
from infra.assets import Assets
from infra.target import PYTHON, Target


class Packages(Construct):
    """One version of each layer, and the zip of each function folder; all for the same runtime and processor."""

    runtime = Runtime(f"python{PYTHON}", RuntimeFamily.PYTHON)

    def __init__(self, scope: Construct, name: str, *, assets: Assets, target: Target) -> None:
        super().__init__(scope, name)
        self._functions = assets.functions
        self.architecture = Architecture.ARM_64 if target.architecture == "arm64" else Architecture.X86_64
        self._platform = [self._layer("Dependencies", assets.dependencies), self._layer("Freehold", assets.freehold)]
        self._product = self._layer("Product", assets.product)

    def code(self, declared: Function) -> AssetCode:
        """The function's folder, without the others."""
        return Code.from_asset(str(self._functions[declared.code]))

    def layers(self, declared: Function) -> list[LayerVersion]:
        """The product's layer only where the manifest asks for it: freehold never needs it."""
        return [*self._platform, self._product] if declared.product else self._platform

    def _layer(self, name: str, folder: Path) -> LayerVersion:
        return LayerVersion(
            self,
            name,
            code=Code.from_asset(str(folder)),
            compatible_architectures=[self.architecture],
            compatible_runtimes=[self.runtime],
        )
