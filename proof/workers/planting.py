"""Planted holes: mistakes of workers, each of which the attack on them has to find."""

import importlib
import pkgutil

from proof.http.planting import Hole
from proof.workers import holes as package
from proof.workers.attack import Focus


def holes() -> list[Hole[Focus]]:
    """One for each file of the folder."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return [
        Hole(name, str(module.__doc__).strip(), module.FOCUS, module.plant)
        for name, module in zip(names, modules, strict=True)
    ]
