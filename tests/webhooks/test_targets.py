"""How a URL is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.webhooks.targets import LONGEST, NotPublic, Target, Undeliverable, read_target


class TestRead:
    @pytest.mark.parametrize(
        ("url", "target"),
        [
            ("https://hooks.acme.com", Target("https", "hooks.acme.com", 443, "/")),
            ("https://hooks.acme.com/", Target("https", "hooks.acme.com", 443, "/")),
            ("HTTPS://Hooks.Acme.COM:8443/A?b=C&d=[e]", Target("https", "hooks.acme.com", 8443, "/A?b=C&d=[e]")),
            (
                "https://xn--bcher-kva.example/b%C3%BCcher",
                Target("https", "xn--bcher-kva.example", 443, "/b%C3%BCcher"),
            ),
            ("https://1.1.1.1/", Target("https", "1.1.1.1", 443, "/")),
            ("https://[2606:4700:4700::1111]:1024/", Target("https", "2606:4700:4700::1111", 1024, "/")),
            ("https://a.1b/", Target("https", "a.1b", 443, "/")),
        ],
    )
    def test_knows_where_it_leads(self, url, target):
        assert read_target(url) == target

    @pytest.mark.parametrize("port", [0, 1, 22, 25, 80, 444, 1023, 65536, 99999])
    def test_takes_no_port_of_another_protocol(self, port):
        with pytest.raises(Undeliverable, match=r"443, or one from 1024 to 65535\.$"):
            read_target(f"https://hooks.acme.com:{port}/")

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("http://hooks.acme.com/", "begin with https"),
            ("https://bücher.example/", "in ASCII"),
            ("https://hooks.acme.com/ü", "in ASCII"),
            ("https://me:secret@hooks.acme.com/", "without user name"),
            ("https://hooks.acme.com/#top", "without user name, fragment"),
            ("https://hooks.acme.com./", "no host name"),
            ("https://-hooks.acme.com/", "no host name"),
            ("https://" + "a" * 64 + ".com/", "no host name"),
            ("https://" + "a." * 127 + "com/", "no host name"),
            ("https://0x7f.1/", "usual form"),
            ("https://1.1.1/", "usual form"),
            ("https://[1.1.1.1]/", "https://host/path"),
            ("https://01.1.1.1/", "usual form"),
            ("https://acme.com/" + "a" * LONGEST, "longer than 2048"),
            ("", "https://host/path"),
        ],
    )
    def test_says_what_is_wrong(self, url, sentence):
        with pytest.raises(Undeliverable, match=sentence):
            read_target(url)

    def test_says_the_same_of_all_that_is_ours(self):
        """Nobody learns from a refusal what there is."""
        urls = [
            "https://10.0.0.1/",
            "https://127.0.0.1/",
            "https://[fd00::1]/",
            "https://db.internal/",
            "https://database/",
        ]
        said = set()
        for url in urls:
            with pytest.raises(NotPublic) as refused:
                read_target(url)
            said.add(str(refused.value))
        assert said == {"This address is not public."}

    @given(st.text(st.sampled_from("htps:/@#?%.\\[]01279afx \t\r\n\0\uff10\u3002é-"), max_size=40))
    def test_takes_nothing_that_could_be_read_twice(self, rest: str):
        try:
            target = read_target(f"https://{rest}")
        except Undeliverable:
            return
        assert target.path.isascii()
        assert target.path.isprintable()
        assert not set(" \\#@") & set(target.host)
        assert rest.lower().startswith((target.host, f"[{target.host}]"))


class TestHostHeader:
    @pytest.mark.parametrize(
        ("url", "header"),
        [
            ("https://hooks.acme.com:443/", "hooks.acme.com"),
            ("https://hooks.acme.com:4430/", "hooks.acme.com:4430"),
            ("https://[2606:4700:4700::1111]/", "[2606:4700:4700::1111]"),
            ("https://[2606:4700:4700::443]:8443/", "[2606:4700:4700::443]:8443"),
        ],
    )
    def test_names_the_port_that_is_not_the_schemes_own(self, url, header):
        assert read_target(url).host_header == header


class TestListeners:
    """Those of a laptop."""

    def test_may_be_http_on_loopback(self):
        assert read_target("http://localhost:8090/", listeners={"localhost:8090"}).scheme == "http"

    @pytest.mark.parametrize(
        "url", ["http://localhost:8091/", "http://127.0.0.1:8090/", "http://localhost:8090@x.test/"]
    )
    def test_are_those_that_were_named(self, url):
        with pytest.raises(Undeliverable):
            read_target(url, listeners={"localhost:8090"})
