"""What docs/webhooks.md tells a tenant's developer does what it says."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from freehold import clock
from freehold.webhooks.breaker import FAILURES, FIRST, HOPELESS, LONGEST, TIMEOUTS
from freehold.webhooks.deliver import LONGEST_ASKED, SCHEDULE
from freehold.webhooks.egress import LONGEST_SECONDS
from freehold.webhooks.replay import MOST
from freehold.webhooks.signing import Secret, signed_headers

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
BODY = '{"id": "1", "data": {"name": "Äpollo 🚀"}}'
SECRET, PREVIOUS, ANOTHER = (Secret.new() for _ in range(3))
MAINS = {
    "python": """
import json, sys
secret, headers, body = json.load(sys.stdin)
print(json.dumps(verified(secret, headers, body.encode())))
""",
    "javascript": """
let given = "";
for await (const piece of process.stdin) given += piece;
const [secret, headers, body] = JSON.parse(given);
console.log(JSON.stringify(verified(secret, headers, Buffer.from(body))));
""",
    "java": """
class Main {
    public static void main(String[] given) throws Exception {
        System.setOut(new java.io.PrintStream(System.out, true, "UTF-8"));
        String body = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        System.out.println(Webhooks.verified(given[0], Map.of("webhook-id", given[1], "webhook-timestamp", given[2],
                "webhook-signature", given[3]), body));
    }
}
""",
}
COMMANDS = {"python": sys.executable, "javascript": shutil.which("node"), "java": shutil.which("java")}
FILES = {"python": "check.py", "javascript": "check.mjs", "java": "Check.java"}


def run(folder: Path, language: str, secret: Secret, headers: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The page's code with a main of ours around it."""
    command = COMMANDS[language]
    if command is None:
        pytest.skip(f"there is nothing here that runs {language}")
    [code] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    imports, classes = (code.partition("class ")[0], "class " + code.partition("class ")[2])
    text = imports + MAINS[language] + classes if language == "java" else code + MAINS[language]
    (folder / FILES[language]).write_text(text)
    arguments = [secret.text, *headers.values()] if language == "java" else []
    said = BODY if language == "java" else json.dumps([secret.text, headers, BODY])
    return subprocess.run(
        [command, str(folder / FILES[language]), *arguments],
        input=said, capture_output=True, text=True, check=False, timeout=60, encoding="utf-8",
    )  # fmt: skip


@pytest.mark.parametrize("language", MAINS)
class TestVerifying:
    def test_accepts_what_we_sign_during_a_rotation_too(self, tmp_path: Path, language: str):
        headers = signed_headers("msg_1", at=clock.now(), body=BODY.encode(), by=[SECRET, PREVIOUS])
        for secret in (SECRET, PREVIOUS):
            result = run(tmp_path, language, secret, headers)
            assert result.returncode == 0, result.stderr
            assert json.loads(result.stdout) == json.loads(BODY)

    def test_refuses_another_secret_and_another_time(self, tmp_path: Path, language: str):
        now, old = (
            signed_headers("msg_1", at=clock.now().replace(year=year), body=BODY.encode(), by=[SECRET])
            for year in (clock.now().year, 2020)
        )
        for secret, headers in ((ANOTHER, now), (SECRET, old)):
            assert run(tmp_path, language, secret, headers).returncode != 0


def test_the_figures_are_those_of_the_code():
    waits = [int(wait.total_seconds()) for wait in SCHEDULE]
    assert waits == [5, 300, 1800, *(3600 * hours for hours in (2, 5, 10, 14, 20, 24))]
    assert "about 5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours" in PAGE
    assert (len(SCHEDULE) + 1, sum(waits) // 86_400) == (10, 3)
    assert (FAILURES, TIMEOUTS, FIRST.seconds, LONGEST.seconds, HOPELESS.days) == (5, 2, 30, 3600, 5)
    assert (LONGEST_SECONDS, LONGEST_ASKED.days, MOST) == (15, 1, 10_000)
    assert f"{MOST:,}" in PAGE
