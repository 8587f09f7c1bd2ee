"""The definitions of a whole stage, the plan catalog and every flag, made ready once for each of their versions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from freehold.decisions.models import Kind
from freehold.entitlements.document import CatalogDocument
from freehold.flags.compiled import CompiledFlag, compile_flag
from freehold.flags.reading import FlagUnfit, read_flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Immutable, and the same for every tenant."""

    version: int
    catalog: CatalogDocument
    flags: Mapping[str, CompiledFlag]
    unfit: Mapping[str, str]
    """Flags that this code cannot read, by key, and why: each is an error, and none takes the others with it."""
    kinds: Mapping[str, Kind]
    """What each key is, those of the catalog first: a flag never stands in for a feature or limit of its name."""
    shown: tuple[str, ...]
    """All keys but those of archived flags, which are kept for their history only."""


def compile_snapshot(version: int, catalog: Mapping[str, Any], flags: Iterable[Mapping[str, Any]]) -> Snapshot:
    """From the published catalog, and the definitions of the flags."""
    document = CatalogDocument.read(catalog)
    compiled, unfit = _compiled(flags)
    kinds: dict[str, Kind] = dict.fromkeys([*compiled, *unfit], "flag")
    kinds |= dict.fromkeys(document.limits, "limit")
    kinds |= dict.fromkeys(document.features, "feature")
    shown = sorted(key for key, kind in kinds.items() if kind != "flag" or not _is_archived(compiled.get(key)))
    return Snapshot(version=version, catalog=document, flags=compiled, unfit=unfit, kinds=kinds, shown=tuple(shown))


def _compiled(flags: Iterable[Mapping[str, Any]]) -> tuple[dict[str, CompiledFlag], dict[str, str]]:
    compiled: dict[str, CompiledFlag] = {}
    unfit: dict[str, str] = {}
    for definition in flags:
        try:
            flag = read_flag(definition)
        except FlagUnfit as why:
            unfit[str(definition.get("key"))] = " ".join(why.sentences)
        else:
            compiled[flag.key] = compile_flag(flag)
    return compiled, unfit


def _is_archived(flag: CompiledFlag | None) -> bool:
    return flag is not None and flag.state == "archived"
