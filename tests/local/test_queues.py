"""`freehold queues`: what is where, what was given up, and back it goes."""

import argparse
import json

import pytest
from botocore.exceptions import ClientError

from local import aws, queues
from local.errors import LocalError
from local.instance import Instance
from local.queue_access import access, on_laptop

STAGE = "sandbox"


@pytest.fixture
def sqs(emulator):
    return aws.session().client("sqs", **aws.at(emulator.endpoint))


@pytest.fixture
def urls(emulator, sqs):
    """Two purposes with their dead letters, empty."""
    made = {name: sqs.create_queue(QueueName=f"freehold-sandbox-{name}")["QueueUrl"] for name in ("mail", "webhooks")}
    dead = [sqs.create_queue(QueueName=f"freehold-sandbox-{name}-dead")["QueueUrl"] for name in made]
    emulator.put_parameter(f"/freehold/{STAGE}/messaging/queues", json.dumps(made))
    yield made
    for url in (*made.values(), *dead):
        sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def missed(sqs):
    """Where calls go that nobody took, empty."""
    url = sqs.create_queue(QueueName=f"freehold-{STAGE}-missed-dead")["QueueUrl"]
    yield url
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def found(emulator, urls):
    """As the running `make dev` publishes itself."""
    url = f"{emulator.endpoint}/_aws/execute-api/freehold"
    return on_laptop(Instance(url=url, issuer="", database="", stage=STAGE))


def send(sqs, url, *bodies, group="t1"):
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group)


def run(found, *words, capsys):
    """The exit code, and what was printed."""
    options = queues.parse(words)
    return queues.run(found, options), capsys.readouterr().out


class TestList:
    def test_counts_what_waits_and_what_was_given_up(self, found, sqs, urls, capsys):
        send(sqs, urls["mail"], "one", "two")
        code, said = run(found, capsys=capsys)
        assert code == 0
        lines = {line.split()[0]: line.split()[1:] for line in said.splitlines()}
        assert lines["mail"] == ["2", "0", "0", "0", "-"]
        assert lines["webhooks"] == ["0", "0", "0", "0", "-"]

    def test_fails_where_something_was_given_up(self, found, sqs, urls, capsys):
        send(sqs, f"{urls['webhooks']}-dead", "lost")
        code, said = run(found, "--json", capsys=capsys)
        assert code == 1
        states = {state["purpose"]: state for state in json.loads(said)}
        assert (states["webhooks"]["dead"], states["mail"]["dead"]) == (1, 0)

    def test_shows_calls_that_nobody_took_once_there_can_be_some(self, found, sqs, missed, capsys):
        assert run(found, capsys=capsys)[0] == 0
        send(sqs, missed, "a call")
        code, said = run(found, "--json", capsys=capsys)
        assert code == 1
        assert json.loads(said)[-1] == {
            "purpose": "missed",
            "waiting": 0,
            "in_flight": 0,
            "delayed": 0,
            "dead": 1,
            "oldest_seconds": None,
        }

    def test_shows_no_missed_calls_before_the_workers_are_deployed(self, found, capsys):
        assert "missed" not in run(found, capsys=capsys)[1]

    def test_does_not_count_as_a_try(self, found, sqs, urls, capsys):
        send(sqs, urls["mail"], "one")
        run(found, capsys=capsys)
        [letter] = found.look("mail", dead=False, count=1)
        assert letter.tries == 1


class TestPeek:
    def test_shows_messages_with_their_tenant_and_leaves_them(self, found, sqs, urls, capsys):
        send(sqs, f"{urls['mail']}-dead", *(f"body {number}" for number in range(12)))
        code, said = run(found, "peek", "mail", "--dead", "--count", "12", "--json", capsys=capsys)
        letters = json.loads(said)
        assert (code, len({letter["id"] for letter in letters})) == (0, 12)
        assert {letter["group"] for letter in letters} == {"t1"}
        assert found.dead("mail") == 12

    def test_shows_no_more_than_asked(self, found, sqs, urls, capsys):
        send(sqs, urls["mail"], "one", "two", "three")
        _, said = run(found, "peek", "mail", "--count", "2", capsys=capsys)
        assert said.count("  1 tries  t1  ") == 2

    def test_shows_calls_that_nobody_took(self, found, sqs, missed, capsys):
        send(sqs, missed, "a call")
        assert "a call" in run(found, "peek", "missed", "--dead", capsys=capsys)[1]

    def test_of_an_empty_queue_says_so(self, found, capsys):
        assert run(found, "peek", "mail", capsys=capsys) == (0, "nothing there\n")

    def test_of_an_unknown_purpose_names_those_there_are(self, found, capsys):
        with pytest.raises(LocalError, match="There is no queue letters: choose one of mail, webhooks"):
            run(found, "peek", "letters", capsys=capsys)


class TestRedrive:
    def test_sends_everything_back_for_the_same_tenant(self, found, sqs, urls, capsys):
        send(sqs, f"{urls['webhooks']}-dead", *(f"body {number}" for number in range(12)), group="t7")
        assert run(found, "redrive", "webhooks", "--yes", capsys=capsys) == (0, "12 sent back to webhooks\n")
        assert found.dead("webhooks") == 0
        assert {letter.group for letter in found.look("webhooks", dead=False, count=20)} == {"t7"}

    def test_of_missed_calls_is_refused_and_they_stay(self, found, sqs, missed, capsys):
        send(sqs, missed, "a call")
        with pytest.raises(LocalError, match="the clock has called again since"):
            run(found, "redrive", "missed", "--yes", capsys=capsys)
        assert found.dead("missed") == 1

    def test_leaves_other_purposes_alone(self, found, sqs, urls, capsys):
        send(sqs, f"{urls['mail']}-dead", "stays")
        assert run(found, "redrive", "webhooks", "--yes", "--json", capsys=capsys)[0] == 0
        assert found.dead("mail") == 1

    def test_asks_first_and_refuses_where_nobody_can_be_asked(self, found, sqs, urls, capsys):
        send(sqs, f"{urls['mail']}-dead", "stays")
        with pytest.raises(LocalError, match="Send 1 back to mail"):
            run(found, "redrive", "mail", capsys=capsys)
        assert found.dead("mail") == 1

    def test_does_not_delete_what_could_not_be_sent(self, found, sqs, urls):
        send(sqs, f"{urls['mail']}-dead", "kept")
        sqs.delete_queue(QueueUrl=urls["mail"])
        with pytest.raises(ClientError):
            found.send_back("mail")
        assert int(found.dead("mail")) + in_flight(sqs, f"{urls['mail']}-dead") == 1
        sqs.create_queue(QueueName="freehold-sandbox-mail")


class TestStage:
    def test_that_is_not_deployed_says_what_to_do(self, emulator):
        with pytest.raises(LocalError, match="No queues of launch are deployed here: `make deploy STAGE=launch`"):
            access(aws.session(), "launch", **aws.at(emulator.endpoint))

    def test_that_there_is_not_is_refused(self):
        with pytest.raises(SystemExit) as refused:
            queues.parse(["--stage", "production"])
        assert refused.value.code == 2

    @pytest.mark.parametrize("words", [("peek", "mail", "--stage", "launch"), ("--stage", "launch", "peek", "mail")])
    def test_is_understood_before_and_behind_the_verb(self, words):
        parsed: argparse.Namespace = queues.parse(words)
        assert (parsed.stage, parsed.verb, parsed.name) == ("launch", "peek", "mail")


def in_flight(sqs, url):
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessagesNotVisible"])
