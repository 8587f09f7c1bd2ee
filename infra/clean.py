"""What cfn-lint has found clean before, resource by resource: so it is shown only what is new.

Most of a stage is another stage's under another name, and most of a template is what it was before an edit. A resource
counts as known when its body and the types of what it refers to are.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from infra.rules.values import Template, references

_STAGE = "<stage>"
_LINTER = version("cfn-lint")
_SUFFIX = re.compile(r"[0-9A-F]{8}[0-9a-f]{32}|[0-9A-F]{32}|[0-9A-F]{8}")
"""What CDK adds to logical ids, of names and of contents."""


class Clean:
    """The digests of resources that need not be looked at again, in a file that can be deleted at any time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known = set(file.read_text().split()) if file.is_file() else set()
        self._shown = set(self._known)

    def new_part(self, template: Template, stage: str) -> Template | None:
        """What nobody was shown yet, with all that it refers to; None where there is nothing new."""
        resources = template["Resources"]
        marks = {name: self._mark(template, name, stage) for name in resources}
        new = {name for name, mark in marks.items() if mark not in self._shown}
        if not new:
            return None
        self._shown.update(marks[name] for name in new)
        kept = {*_with_what_they_need(new, template)}
        part = {name: body for name, body in resources.items() if name in kept}
        read = references(part)
        parameters = {name: body for name, body in template.get("Parameters", {}).items() if name in read}
        outputs = {n: body for n, body in template.get("Outputs", {}).items() if references(body) <= kept}
        return {"Resources": part, "Parameters": parameters, "Outputs": outputs}

    def remember(self, part: Template, stage: str) -> None:
        """Nothing was found in this part."""
        self._known.update(self._mark(part, name, stage) for name in part["Resources"])

    def save(self) -> None:
        """For the next time."""
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text("\n".join(sorted(self._known)))

    def _mark(self, template: Template, name: str, stage: str) -> str:
        resources, body = template["Resources"], template["Resources"][name]
        types = sorted(resources[each]["Type"] for each in references(body) if each in resources)
        words = json.dumps([_LINTER, body, types], sort_keys=True)
        return hashlib.sha256(_SUFFIX.sub("", words.replace(stage, _STAGE)).encode()).hexdigest()[:16]


def _with_what_they_need(names: Iterable[str], template: Template) -> Iterator[str]:
    resources, seen, left = template["Resources"], set[str](), [*names]
    while left:
        name = left.pop()
        if name in resources and name not in seen:
            seen.add(name)
            yield name
            body = resources[name]
            after = body.get("DependsOn", [])
            left += [*references(body), *([after] if isinstance(after, str) else after)]
