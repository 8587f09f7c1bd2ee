"""The demonstration's second half: what goes on after a request was answered, waited for and never slept for."""

import csv
import io
from typing import Any

import httpx

from local.cloud import Cloud
from local.customer import Webhook
from local.inboxes import SentMail
from local.seed import PATH
from local.story import Company, Story

MANY = 24
"""Reports that a noisy tenant asks for at once."""
ENDS = {"succeeded", "failed", "canceled"}


def tell(story: Story, cloud: Cloud, acme: Company, globex: Company) -> None:
    """The story, chapter by chapter."""
    subscribe(story, cloud, acme, globex)
    report(story, cloud, acme, globex)
    crowd(story, acme, globex)


def subscribe(story: Story, cloud: Cloud, acme: Company, globex: Company) -> None:
    """Acme's own server hears of its projects, and can tell who says so."""
    story.chapter("Acme's server hears of its projects, by webhook")
    wanted = {"url": f"{cloud.customer.url}{PATH}", "events": ["project.created"]}
    endpoint = story.expect("Acme subscribes it", 201, "POST", "/v1/webhook-endpoints", acme.token, json=wanted)
    path, secret = f"/v1/webhook-endpoints/{endpoint['id']}", endpoint["secret"]
    project = story.expect("creates a project", 201, "POST", "/v1/projects", acme.key, json={"name": "Heard of"})
    story.expect("Globex creates one too", 201, "POST", "/v1/projects", globex.key, json={"name": "Globex' own"})
    webhook = story.until("a webhook tells of Acme's", lambda: _webhook(cloud, "project.created", project["id"]))
    if webhook:
        story.check("… the verifier of standardwebhooks believes it", webhook.is_signed_with(secret))
        forged = webhook.with_body(webhook.body.replace(b"Heard of", b"Forged!!"))
        story.check("… a forged one it does not", not forged.is_signed_with(secret))
        look_at_the_log(story, acme, globex, endpoint["id"])
    replace_the_secret(story, cloud, acme, path, secret)
    strangers = [webhook for webhook in cloud.customer.webhooks if webhook.event["tenant_id"] != acme.tenant]
    story.check("nothing of Globex' arrived", not strangers)


def look_at_the_log(story: Story, acme: Company, globex: Company, endpoint_id: str) -> None:
    """Each attempt can be looked up, by its owner."""
    listed = f"/v1/webhook-deliveries?endpoint_id={endpoint_id}&state=succeeded"
    delivery = story.until("the log knows of it", lambda: _first(story, listed, acme.token))
    if delivery:
        path = f"/v1/webhook-deliveries/{delivery['id']}"
        shown = story.expect("… with each attempt", 200, "GET", path, acme.token)
        story.check("… and what came back", [attempt["status"] for attempt in shown["attempt_log"]] == [204])
        story.expect("Globex sees nothing there", 404, "GET", path, globex.token)


def replace_the_secret(story: Story, cloud: Cloud, acme: Company, path: str, old: str) -> None:
    """Both secrets sign until the old one is over, so that nobody has to hurry."""
    new = story.expect("Acme takes a new secret", 200, "POST", f"{path}/rotate-secret", acme.token, json={})["secret"]
    story.expect("sends itself a test", 201, "POST", f"{path}/test", acme.token)
    test = story.until("it arrives", lambda: _webhook(cloud, "webhook_endpoint.tested"))
    if test:
        story.check("… signed with the new and the old one", all(test.is_signed_with(secret) for secret in (new, old)))


def report(story: Story, cloud: Cloud, acme: Company, globex: Company) -> None:
    """What takes longer than a request is a job: its file, and the mail that it is there."""
    story.chapter("alice asks for a report")
    wanted = {"report": "projects"}
    job = story.expect("of all her projects", 202, "POST", "/v1/reports", acme.token, json=wanted)
    path = f"/v1/jobs/{job['id']}"
    done = story.until("its job is done", lambda: _ended(story, path, acme.token))
    story.check("… and succeeded", bool(done and done["state"] == "succeeded"))
    link = story.expect("she gets a link", 200, "GET", f"{path}/result", acme.token)
    names = {row["name"] for row in fetched(link["url"])} if link.get("url") else set()
    story.check("… to a CSV file with each of her projects", {"Apollo", "Artemis", "Heard of"} <= names)
    story.check("… and none of Globex'", "Globex' own" not in names)
    story.expect("Globex does not see the job", 404, "GET", path, globex.token)
    story.expect("nor what it wrote", 404, "GET", f"{path}/result", globex.token)
    mail = story.until("a mail tells her that it is there", lambda: _mail(cloud, "alice@acme.test", job["id"]))
    if mail:
        story.check("… in plain text", "projects" in mail.text and "<" not in mail.text)
        story.check("… and in HTML, with a link to it", f"/jobs/{job['id']}" in (mail.html or ""))


def crowd(story: Story, acme: Company, globex: Company) -> None:
    """A tenant that asks for much at once waits behind itself, and nobody waits behind it."""
    story.chapter("Globex makes noise, and Acme does not notice")
    wanted: dict[str, Any] = {"json": {"report": "projects"}}
    noise = [story.send("POST", "/v1/reports", globex.token, **wanted) for _ in range(MANY)]
    story.check(f"Globex asks for {MANY} reports at once", all(answer.status_code == 202 for answer in noise))  # noqa: PLR2004 (Accepted)
    last = f"/v1/jobs/{noise[-1].json()['id']}"
    shown = story.expect("why does its last one not run yet?", 200, "GET", last, globex.token)
    because = shown["waiting_because"] or {"code": "", "detail": "It does."}
    story.check(f"… “{because['detail']}”", because["code"] in {"behind_your_own", "tenant_at_its_limit"})
    job = story.expect("Acme asks for one, after all of them", 202, "POST", "/v1/reports", acme.token, **wanted)
    quiet = story.until("Acme's is done", lambda: _ended(story, f"/v1/jobs/{job['id']}", acme.token))
    loud = story.until("Globex' last is done", lambda: _ended(story, last, globex.token))
    if quiet and loud:
        story.check("… Acme's was done before it", quiet["finished_at"] < loud["finished_at"])


def fetched(url: str) -> list[dict[str, str]]:
    """The rows of a CSV file that anybody with its address may fetch."""
    return list(csv.DictReader(io.StringIO(httpx.get(url, trust_env=False).raise_for_status().text)))


def _webhook(cloud: Cloud, event_type: str, subject: str = "") -> Webhook | None:
    """The one that tells of it."""
    for webhook in cloud.customer.webhooks:
        event = webhook.event
        if webhook.path == PATH and event["type"] == event_type and subject in event["subject_id"]:
            return webhook
    return None


def _mail(cloud: Cloud, to: str, mentions: str) -> SentMail | None:
    return next((mail for mail in cloud.mailbox.mails() if to in mail.to and mentions in (mail.html or "")), None)


def _first(story: Story, path: str, token: str) -> dict[str, Any] | None:
    items: list[dict[str, Any]] = story.send("GET", path, token).json()["items"]
    return items[0] if items else None


def _ended(story: Story, path: str, token: str) -> dict[str, Any] | None:
    job: dict[str, Any] = story.send("GET", path, token).json()
    return job if job.get("state") in ENDS else None
