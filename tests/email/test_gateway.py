"""What is sent to SES, and what its refusals mean: against the emulator, and where it accepts everything, a stub."""

import json
from datetime import timedelta
from email.header import decode_header, make_header
from pathlib import Path
from uuid import UUID

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from pydantic import ValidationError

from freehold.email.gateway import MailPostponed, MailRefused, Ses
from freehold.email.models import Mail
from freehold.ids import TenantId
from local import aws, web

FROM = "Freehold <mail@freehold.test>"
MAIL_ID = UUID("01a1fac8-0000-7000-8000-000000000001")
TENANT_ID = TenantId(UUID("01a1fac8-0000-7000-8000-000000000002"))


def mail(**different):
    words = {"subject": "Grüße", "text": "Hello\n", "html": "<p>Hello</p>"}
    return Mail(**{"id": MAIL_ID, "tenant_id": TENANT_ID, "sender": "Acme", "to": "a@b.test"} | words | different)


class TestContract:
    """SES cannot run here; botocore knows the shape of its API, and the stub holds what we send to this."""

    def test_of_one_mail(self, stubbed):
        ses, stub = stubbed
        stub.add_response(
            "send_email",
            {"MessageId": "0100-abc"},
            {
                "FromEmailAddress": "Acme via Freehold <mail@freehold.test>",
                "Destination": {"ToAddresses": ["a@b.test"]},
                "Content": {
                    "Simple": {
                        "Subject": {"Data": "Grüße", "Charset": "UTF-8"},
                        "Body": {
                            "Text": {"Data": "Hello\n", "Charset": "UTF-8"},
                            "Html": {"Data": "<p>Hello</p>", "Charset": "UTF-8"},
                        },
                        "Headers": [
                            {"Name": "Auto-Submitted", "Value": "auto-generated"},
                            {"Name": "X-Freehold-Mail-Id", "Value": str(MAIL_ID)},
                        ],
                    }
                },
                "ConfigurationSetName": "freehold-test",
                "EmailTags": [
                    {"Name": "freehold_mail", "Value": str(MAIL_ID)},
                    {"Name": "freehold_tenant", "Value": str(TENANT_ID)},
                ],
            },
        )
        assert ses.send(mail()) == "0100-abc"

    @pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException"])
    def test_a_refusal_is_for_good(self, stubbed, code):
        ses, stub = stubbed
        stub.add_client_error("send_email", code, "Email address is not verified.")
        with pytest.raises(MailRefused, match="not verified"):
            ses.send(mail())

    @pytest.mark.parametrize(
        ("code", "after"),
        [
            ("TooManyRequestsException", timedelta(seconds=2)),
            ("LimitExceededException", timedelta(minutes=15)),
            ("SendingPausedException", timedelta(minutes=15)),
            ("AccountSuspendedException", timedelta(hours=1)),
            ("MailFromDomainNotVerifiedException", timedelta(hours=1)),
            ("NotFoundException", timedelta(hours=1)),
        ],
    )
    def test_what_is_wrong_with_us_is_no_refusal(self, stubbed, code, after):
        ses, stub = stubbed
        stub.add_client_error("send_email", code, "Later.")
        with pytest.raises(MailPostponed, match="Later") as postponed:
            ses.send(mail())
        assert postponed.value.after == after

    def test_every_error_of_the_api_has_its_meaning(self, stubbed):
        """One that SES adds is seen here when botocore is renewed."""
        ses, stub = stubbed
        for error in ses.client.meta.service_model.operation_model("SendEmail").error_shapes:
            stub.add_client_error("send_email", error.name, "No.")
            with pytest.raises((MailRefused, MailPostponed)):
                ses.send(mail())

    def test_every_error_of_the_api_stands_in_the_runbook(self, stubbed):
        runbook = (Path(__file__).parents[2] / "docs" / "runbooks" / "e-mail.md").read_text(encoding="utf-8")
        for error in stubbed[0].client.meta.service_model.operation_model("SendEmail").error_shapes:
            assert f"`{error.name}`" in runbook

    def test_an_error_that_nobody_knows_is_itself(self, stubbed):
        ses, stub = stubbed
        stub.add_client_error("send_email", "InternalFailure", "Oops.")
        with pytest.raises(ClientError):
            ses.send(mail())


class TestSender:
    @pytest.mark.parametrize(
        ("sender", "mail_from", "header"),
        [
            ("Acme", "mail@freehold.test", "Acme <mail@freehold.test>"),
            ("", FROM, "Freehold <mail@freehold.test>"),
            ('A"c,me', FROM, '"A\\"c,me via Freehold" <mail@freehold.test>'),
            ("Ümlaut", FROM, "=?utf-8?q?=C3=9Cmlaut_via_Freehold?= <mail@freehold.test>"),
            ("x" * 200, "mail@freehold.test", f"{'x' * 64} <mail@freehold.test>"),
            ("Acme\r\nBcc: x@globex.test", FROM, '"Acme Bcc: x@globex.test via Freehold" <mail@freehold.test>'),
            ("PayPal <service@paypal.test>", FROM, '"PayPal <service@paypal.test> via Freehold" <mail@freehold.test>'),
        ],
    )
    def test_is_named_and_nothing_more(self, sender, mail_from, header):
        sent = Recorder()
        Ses(mail_from=mail_from, configuration_set="freehold-test", client=sent).send(mail(sender=sender))
        assert sent.request["FromEmailAddress"] == header

    def test_has_a_long_name_in_short_words(self):
        sent = Recorder()
        Ses(mail_from="mail@freehold.test", configuration_set="x", client=sent).send(mail(sender="é宀" * 100))
        name, address = sent.request["FromEmailAddress"].rsplit(" ", 1)
        assert (str(make_header(decode_header(name))), address) == ("é宀" * 32, "<mail@freehold.test>")
        assert max(len(word) for word in name.split()) <= 75, "RFC 2047, section 2"


class TestMail:
    @pytest.mark.parametrize(
        "to",
        [
            *("", "a", "a@", "@b.test", "ä@b.test", "a b@c.test", f"{'a' * 250}@b.test"),
            *("a@b.test, c@d.test", "A <a@b.test>", "a@b.test\nBcc: c@d.test", "a@b.test\n"),
        ],
    )
    def test_goes_to_one_plain_address(self, to):
        assert mail(to="first.last+tag@sub.acme.test").to == "first.last+tag@sub.acme.test"
        with pytest.raises(ValidationError):
            mail(to=to)

    @pytest.mark.parametrize("subject", ["a\r\nBcc: x@y.test", "a\nb", "a\x00"])
    def test_has_a_subject_of_one_line(self, subject):
        with pytest.raises(ValidationError):
            mail(subject=subject)


class TestEmulator:
    def test_keeps_what_was_sent(self, emulator, emulated):
        message_id = emulated(FROM).send(mail())
        stored = json.loads(web.get(f"{emulator.endpoint}/_ministack/ses/messages").body)["messages"][aws.ACCOUNT][-1]
        assert stored["MessageId"] == message_id
        assert (stored["Subject"], stored["BodyText"], stored["BodyHtml"]) == ("Grüße", "Hello\n", "<p>Hello</p>")
        assert stored["To"] == ["a@b.test"]

    def test_refuses_a_sender_that_is_not_verified(self, emulated):
        with pytest.raises(MailRefused, match=r"mail@globex\.test"):
            emulated("mail@globex.test").send(mail())


class Recorder:
    """A client that keeps what it was asked."""

    def send_email(self, **request):
        self.request = request
        return {"MessageId": "1"}


@pytest.fixture
def stubbed():
    client = boto3.client("sesv2", region_name=aws.REGION, aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stub:
        yield Ses(mail_from=FROM, configuration_set="freehold-test", client=client), stub
