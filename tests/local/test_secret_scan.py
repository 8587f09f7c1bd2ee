"""No live secret is in git; and each that somebody could leave there is seen."""

import base64
import subprocess
import sys
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from freehold.api_keys import secrets as api_keys
from freehold.ids import TenantId
from freehold.operators import tokens as operator_tokens
from freehold.scim import tokens as scim_tokens
from local.errors import LocalError
from local.project import ROOT
from local.secret_scan import FORMS, in_git, scan

TENANT = TenantId(UUID(int=7))


def private_key():
    """A real one, of nobody."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


PLANTED = {
    "our API key": ("a key or token of ours, for live mode", api_keys.new_secret(TENANT, "live").text),
    "our SCIM token": ("a key or token of ours, for live mode", scim_tokens.new_secret(TENANT, "live").text),
    "our operator's token": ("a key or token of ours, for live mode", operator_tokens.new_token(TENANT, "live")),
    "Stripe's secret key": ("a key to Stripe in live mode", "sk_" + "live_" + "51Habcdefghijklmnopqrstu"),
    "Stripe's restricted key": ("a key to Stripe in live mode", "rk_" + "live_" + "51Habcdefghijklmnopqrstu"),
    "Stripe's signing secret": ("a secret that signs webhooks", "whsec_" + "a1B2" * 8),
    "our signing secret": ("a secret that signs webhooks", "whsec_" + base64.b64encode(b"x" * 32).decode()),
    "AWS's id": ("an access key of AWS", "AKIA" + "Q3EGRZ7YB2XAKPLM"),
    "AWS's id for a while": ("an access key of AWS", "ASIA" + "Q3EGRZ7YB2XAKPLM"),
    "AWS's key": (
        "a secret access key of AWS",
        "aws_secret_access_key = " + "wJalr/XUtnFEMI+K7MDENGbPxRfiCYzzzzzzzzzz",
    ),
    "GitHub's token": ("a token of GitHub", "ghp_" + "a1B2" * 9),
    "GitHub's finer token": ("a token of GitHub", "github_pat_" + "a1B2_" * 12),
    "npm's token": ("a token of npm or PyPI", "npm_" + "a1B2" * 9),
    "PyPI's token": ("a token of npm or PyPI", "pypi-AgEI" + "a1B2" * 15),
    "Slack's token": ("a token of Slack", "xoxb-" + "123456789012-abcdefghij"),
    "a private key": ("a private key", private_key()),
}
HARMLESS = {
    "our API key for test mode": api_keys.new_secret(TENANT, "test").text,
    "AWS's example of an id": "AKIA" + "IOSFODNN7EXAMPLE",
    "AWS's example of a key": "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "an example of our key": f"fh_live_{'0' * 22}_{'x' * 49}",
    "a key in test mode": "sk_test_51Habcdefghijklmnopqrstu",
    "a key that is cut": "sk_live_51abc",
    "a secret of the tests": "whsec_of_the_tests",
    "words about private keys": "-----BEGIN PRIVATE KEY----- begins a private key",
    "a public key": "-----BEGIN PUBLIC KEY-----\n" + "A" * 64,
}


def found_in(text):
    return [found.form for found in scan("file", text)]


class TestScan:
    @pytest.mark.parametrize(("form", "secret"), PLANTED.values(), ids=PLANTED)
    def test_sees(self, form, secret):
        assert found_in(f'before\nkey = "{secret}"\n') == [form]

    def test_has_a_secret_planted_of_each_form(self):
        assert {form for form, _ in PLANTED.values()} == set(FORMS)

    @pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
    def test_leaves(self, text):
        assert found_in(f'before\nkey = "{text}"\n') == []

    def test_says_where_without_saying_what(self):
        _, secret = PLANTED["Stripe's secret key"]
        [found] = scan("notes.md", f"first\nsecond {secret}\n")
        assert str(found).startswith("notes.md:2: a key to Stripe in live mode, sk_live_51Ha…")
        assert secret not in str(found)


class TestProject:
    def test_holds_none(self):
        said = subprocess.run(
            [sys.executable, "-m", "local.secret_scan"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert (said.returncode, said.stdout) == (0, ""), said.stdout + said.stderr

    def test_is_looked_at_whole_before_a_commit_too(self, tmp_path):
        command = ["git", "init", "-q", str(tmp_path)]
        subprocess.run(command, check=True)
        (tmp_path / "noted.txt").write_text("x")
        (tmp_path / ".gitignore").write_text("left.txt\n")
        (tmp_path / "left.txt").write_text("x")
        assert sorted(path.name for path in in_git(tmp_path)) == [".gitignore", "noted.txt"]

    def test_that_is_no_checkout_is_a_sentence(self, tmp_path):
        with pytest.raises(LocalError, match="git checkout"):
            list(in_git(tmp_path))
