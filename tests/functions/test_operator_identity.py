"""Who an operator is, as AWS says it. AWS itself does not run here: a double answers what AWS documents."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from freehold.errors import Unauthenticated
from functions.operators.identity import HEADER, operator_of
from local.operator_stage import proof

FUNCTION, ACCOUNT = "freehold-launch-operators", "000000000000"
USER = f"arn:aws:iam::{ACCOUNT}:user/support/ada"


def answer(arn: str, account: str = ACCOUNT) -> dict[str, Any]:
    return {"GetCallerIdentityResponse": {"GetCallerIdentityResult": {"Arn": arn, "Account": account, "UserId": "x"}}}


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-central-1")


@pytest.fixture(scope="module")
def shown(session: boto3.Session) -> str:
    """What the command signs."""
    return proof(session, FUNCTION)


def named(given: object, said: dict[str, Any]) -> str:
    return operator_of(given, function=FUNCTION, account=ACCOUNT, ask=lambda _url, _function: said)


class TestName:
    @pytest.mark.parametrize(
        ("arn", "name"),
        [
            (USER, "ada"),
            (f"arn:aws:sts::{ACCOUNT}:assumed-role/Support/ada@example.com", "ada@example.com"),
            (f"arn:aws-us-gov:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_On-call_0123/ada", "ada"),
        ],
    )
    def test_is_the_last_part_of_what_aws_answers(self, shown: str, arn: str, name: str):
        assert named(shown, answer(arn)) == name

    @pytest.mark.parametrize(
        "said",
        [
            answer(USER, account="111111111111"),
            answer(f"arn:aws:iam::{ACCOUNT}:root"),
            answer(f"arn:aws:sts::{ACCOUNT}:federated-user/ada"),
            answer(f"arn:aws:iam::{ACCOUNT}:user/ada/member:1"),
        ],
    )
    def test_of_nobody_is_refused(self, shown: str, said: dict[str, Any]):
        with pytest.raises(Unauthenticated, match="no person of this account"):
            named(shown, said)


class TestProof:
    def test_names_the_function_under_its_signature(self, shown: str):
        query = parse_qs(urlsplit(shown).query)
        assert HEADER in query["X-Amz-SignedHeaders"][0].split(";")
        assert query["X-Amz-Expires"] == ["60"]

    def test_for_another_function_is_signed_otherwise(self, session: boto3.Session):
        tries = (
            tuple(proof(session, name) for name in (FUNCTION, "freehold-scale-operators", FUNCTION)) for _ in range(9)
        )
        one, other, again = next(made for made in tries if len({url[:-64] for url in made}) == 1)  # of one second
        assert one == again != other

    @pytest.mark.parametrize(
        "change",
        [
            lambda _: None,
            lambda _: "",
            lambda url: url.replace("https://", "http://"),
            lambda url: url.replace("sts.eu-central-1.amazonaws.com", "sts.eu-central-1.amazonaws.com.evil.example"),
            lambda url: url.replace("https://", "https://evil.example@"),
            lambda url: url.replace("sts.eu-central-1", "s3.eu-central-1"),
            lambda url: url.replace(".com/", ".com/other"),
            lambda url: url.replace("GetCallerIdentity", "AssumeRole"),
            lambda url: f"{url}&Action=AssumeRole",
            lambda url: f"{url}&action=AssumeRole",
            lambda url: url.replace(f"%3B{HEADER}", ""),
        ],
    )
    def test_of_anything_else_goes_nowhere(self, shown: str, change):
        sent: list[str] = []

        def ask(url: str, function: str) -> dict[str, Any]:
            sent.append(url)
            return answer(USER)

        with pytest.raises(Unauthenticated, match="sts:GetCallerIdentity"):
            operator_of(change(shown), function=FUNCTION, account=ACCOUNT, ask=ask)
        assert sent == []
        assert operator_of(shown, function=FUNCTION, account=ACCOUNT, ask=ask) == "ada", "the control"


class TestHandler:
    def test_answers_nobody_who_does_not_show_who_they_are(self, stage: None):
        from functions.operators.handler import handler  # noqa: PLC0415 (after its settings)

        context = SimpleNamespace(
            invoked_function_arn=f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:{FUNCTION}:live",
            function_name=FUNCTION,
            aws_request_id="r",
        )
        refused = handler({"ask": "find", "words": "acme", "reason": "Ticket 4711: which one?"}, context)
        assert refused["code"] == "unauthenticated"
