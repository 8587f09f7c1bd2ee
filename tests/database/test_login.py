"""Where the product logs in, as whom, and what it refuses to connect to."""

import re
import ssl
import subprocess
import sys
from pathlib import Path

import botocore
import pytest
from cryptography import x509
from psycopg.conninfo import conninfo_to_dict

from freehold import clock
from freehold.database import login
from freehold.errors import Unavailable

ROOT = Path(__file__).parents[2]
PROGRAM = "from freehold.database.login import conninfo; print(conninfo('freehold_api'))"
ROLE = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1"}
HOST = "pool.cluster-abc.eu-west-1.rds.amazonaws.com"
AURORA = f"host={HOST} dbname=freehold sslmode=verify-full"


def conninfo(database: str, role: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    environment = {
        "PYTHONPATH": str(ROOT / "layers"),
        "FREEHOLD_DATABASE": database,
        **(ROLE if role is None else role),
    }
    return subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)


def bodies(file: Path) -> dict[str, str]:
    """By the comment above each, without line breaks."""
    blocks = re.findall(r"# ([^\n]+)\n-----BEGIN CERTIFICATE-----(.*?)-----END", file.read_text(), re.DOTALL)
    return {name: body.replace("\n", "") for name, body in blocks}


class TestConninfo:
    @pytest.mark.parametrize("mode", ["", "disable", "prefer", "require", "verify-ca"])
    def test_another_machine_without_verified_tls_is_refused(self, mode):
        result = conninfo(f"host=db.example.com dbname=freehold {mode and f'sslmode={mode}'}")
        assert result.returncode == 1
        assert "sslmode=verify-full" in result.stderr

    def test_another_machine_with_verified_tls_is_taken(self):
        taken = conninfo_to_dict(conninfo(AURORA).stdout)
        assert (taken["user"], taken["sslmode"], taken["connect_timeout"]) == ("freehold_api", "verify-full", "3")

    def test_trusts_amazon_unless_told_whom(self):
        assert conninfo_to_dict(conninfo(AURORA).stdout)["sslrootcert"] == str(login.AMAZON)
        assert conninfo_to_dict(conninfo(f"{AURORA} sslrootcert=system").stdout)["sslrootcert"] == "system"

    def test_this_machine_is_taken(self):
        assert "user=freehold_api" in conninfo("host=127.0.0.1 dbname=freehold", {}).stdout

    def test_cannot_name_the_role(self):
        assert conninfo_to_dict(conninfo(f"{AURORA} user=postgres").stdout)["user"] == "freehold_api"

    def test_a_missing_setting_is_a_sentence(self):
        assert conninfo("").stderr.startswith("FREEHOLD_DATABASE is not set")

    def test_missing_credentials_are_a_sentence(self):
        said = conninfo(AURORA, {}).stderr
        assert said.startswith("FREEHOLD_DATABASE is in AWS, and AWS_ACCESS_KEY_ID is not set")
        assert "Traceback" not in said

    @pytest.mark.parametrize(
        "host", ["db.example.com", "rds.amazonaws.com.example.com", "evilrds.amazonaws.com", "x.rds.amazonaws.com."]
    )
    def test_a_token_goes_to_nobody_else(self, host):
        said = conninfo(f"host={host} dbname=freehold sslmode=verify-full").stderr
        assert f"reaches {host} with neither a password nor a name that ends in .rds.amazonaws.com" in said

    def test_a_password_needs_no_credentials(self):
        assert conninfo(f"{AURORA} password=x sslrootcert=system", {}).returncode == 0

    def test_waits_as_long_as_it_is_told(self):
        assert "connect_timeout=20" in conninfo(f"{AURORA} connect_timeout=20").stdout

    @pytest.mark.parametrize("wait", ["0", "1", "-1", "soon", "2.5"])
    def test_a_wait_that_libpq_reads_otherwise_is_refused(self, wait):
        assert f"connect_timeout={wait}" in conninfo(f"{AURORA} connect_timeout={wait}").stderr

    @pytest.mark.parametrize(
        "hidden", ["host=127.0.0.1,db.example.com", "host=127.0.0.1 hostaddr=192.0.2.7", "service=x"]
    )
    def test_a_way_around_is_refused(self, hidden):
        assert conninfo(f"{hidden} dbname=freehold").returncode == 1


class TestReady:
    @pytest.fixture
    def role(self, monkeypatch):
        for name, value in ROLE.items():
            monkeypatch.setenv(name, value)

    def test_a_role_signs_its_way_in(self, role):
        where = conninfo_to_dict(login.ready(f"{AURORA} user=freehold_api port=6432"))
        assert where["password"].startswith(f"{HOST}:6432/?Action=connect&DBUser=freehold_api&X-Amz-")

    def test_no_token_goes_to_another_database(self, role):
        assert "Action" not in login.ready(f"{AURORA} user=freehold_api password=x")
        assert "password" not in login.ready("host=127.0.0.1 dbname=freehold user=freehold_api")

    def test_waits_no_longer_than_the_request_can(self, role):
        clock.allow(7.5)
        assert conninfo_to_dict(login.ready(f"{AURORA} user=freehold_api connect_timeout=20"))["connect_timeout"] == "7"

    def test_does_not_begin_what_it_cannot_end(self, role):
        clock.allow(0)
        with pytest.raises(Unavailable):
            login.ready(f"{AURORA} user=freehold_api")


class TestTrust:
    CERTIFICATES = x509.load_pem_x509_certificates(login.AMAZON.read_bytes())

    def test_is_in_roots_of_amazon_and_nobody_else(self):
        for certificate in self.CERTIFICATES:
            names = {name.rfc4514_attribute_name: name.value for name in certificate.subject}
            assert certificate.subject == certificate.issuer
            assert names["O"] in {"Amazon", "Amazon Web Services, Inc."}
            certificate.verify_directly_issued_by(certificate)

    def test_of_proxies_is_what_everybody_trusts(self):
        public = bodies(Path(botocore.__file__).with_name("cacert.pem"))
        ours = bodies(login.AMAZON)
        for_proxies = [body for name, body in ours.items() if name.startswith("Amazon Root CA")]
        assert len(for_proxies) == 4
        assert set(for_proxies) <= set(public.values())

    def test_is_read_whole_by_openssl(self):
        read = ssl.create_default_context(cafile=login.AMAZON).get_ca_certs()
        assert len(read) == len(self.CERTIFICATES) >= 31

    def test_lasts(self):
        assert min(c.not_valid_after_utc.year for c in self.CERTIFICATES) >= 2037
