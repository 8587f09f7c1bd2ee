"""What the demo tells of decisions: a plan refuses, says what would lift it, and what is agreed holds at once."""

import uuid
from typing import Any

from freehold.database import Database
from functions.operators.questions import answered
from local.cloud import Cloud
from local.story import Company, Story

REASON = "Contract 17: Acme takes everything"
FLAG = {
    "key": "new-editor",
    "description": "The editor that comes next",
    "variants": {"on": True, "off": False},
    "state": "on",
    "off": "off",
    "otherwise": {"split": {"on": 100, "off": 0}, "by": "tenant"},
    "rules": [],
    "experiment": False,
}


def tell(story: Story, cloud: Cloud, acme: Company) -> None:
    """The chapter. From here on Acme is on Scale, as it was agreed."""
    story.chapter("Acme meets the limits of its plan, and a contract lifts them")
    fourth = {"json": {"name": "Mercury"}}
    refused = story.expect("a fourth project", 402, "POST", "/v1/projects", acme.key, **fourth)
    story.check("… by the rule of its plan", refused.get("rule") == "fallback:free")
    story.check("… which Pro would lift", "pro" in refused.get("lifts", []))
    refused = story.expect("a directory", 402, "POST", "/v1/scim-tokens", acme.token, json=_directory())
    story.check("… is what Scale includes", refused.get("lifts") == ["scale"])
    _ask(
        story,
        cloud,
        "an operator agrees Scale with it",
        ask="override",
        tenant=acme.tenant,
        plan="scale",
        reason=REASON,
    )
    story.expect("the project, on the next request", 201, "POST", "/v1/projects", acme.key, **fourth)
    _flag(story, cloud, acme)


def _flag(story: Story, cloud: Cloud, acme: Company) -> None:
    asked = "/ofrep/v1/evaluate/flags/new-editor"
    story.expect("OpenFeature asks for a flag", 404, "POST", asked, acme.token, json={"context": {}})
    change = {"ask": "change_flag", "reason": "The launch of the new editor"}
    _ask(story, cloud, "an operator makes it", **change, flag=FLAG, expected=0)
    seen = story.expect("it is on at once", 200, "POST", asked, acme.token, json={"context": {}})
    story.check("… and says why", (seen.get("value"), seen.get("reason")) == (True, "SPLIT"))
    _ask(story, cloud, "the kill switch", **change, flag=FLAG | {"state": "off"}, expected=1)
    seen = story.expect("it is off at once", 200, "POST", asked, acme.token, json={"context": {}})
    story.check("… and says why", (seen.get("value"), seen.get("reason")) == (False, "DISABLED"))
    told = _ask(story, cloud, "explained", ask="explain", tenant=acme.tenant, key="projects", reason="Why no limit?")
    story.check("… by what was agreed", "override:" in str(told))


def _ask(story: Story, cloud: Cloud, what: str, **question: Any) -> dict[str, Any]:  # noqa: ANN401 (any question)
    """As an operator does, whom IAM lets call the function; here its code is called."""
    operator = Database(cloud.database.conninfo_of("freehold_operator"))
    try:
        answer = answered(operator, question, operator="olga", request_id=str(uuid.uuid4()))
    finally:
        operator.close()
    story.check(f"{what}: {answer['error']}" if "error" in answer else what, "error" not in answer)
    return answer


def _directory() -> dict[str, str]:
    return {"name": "Entra", "default_role": "member"}
