"""Every template in every language: its words and its fields agree, and no value breaks out of its place."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from freehold.email.catalog import layout, name_of, templates_by_name, wordings
from freehold.email.locales import closest
from freehold.email.models import LONGEST_LINE, Letterhead, Secret
from freehold.email.rendering import SURROUNDINGS, render
from freehold.email.templates.job_failed import JobFailed

LOCALES = {"en", "de"}
PUBLIC_URL = "https://app.acme.test"
ID = UUID("01a1fac8-0000-7000-8000-000000000001")
AT = datetime(2026, 11, 21, 15, 22, tzinfo=UTC)
HEBREW = "\u200f\u05e9\u05dc\u05d5\u05dd"
LETTERHEAD = Letterhead(name="Acme", public_url=PUBLIC_URL)
SNAPSHOTS = Path(__file__).with_name("snapshots")
TEMPLATES = pytest.mark.parametrize("name", sorted(templates_by_name()))

UNNAMED = {"invitation": {"invitation_id"}}
"""What the sender of a mail has to know, and its reader not."""

HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "an attribute": '" onmouseover="alert(1)',
    "an image": "<img src=x onerror=alert(1)>",
    "a header": "hello\r\nBcc: everybody@globex.test",
    "a separator": "hello\u2028Bcc: everybody@globex.test\u0085x\x00\x1b[31m",
    "a placeholder": "$public_url ${job_id} $$ $",
    "an override": "\u202egpj.exe \u2066x\u2069",
    "half a surrogate pair": "\ud800x",
    "10,000 characters": "x" * 10_000,
    "10,000 marks": "é\u0301" * 5_000,
    "nothing": "",
}


def example(name, *, line="reports.export"):
    """The template's model with something in each field; free text is `line`."""
    model = templates_by_name()[name]
    samples = {UUID: ID, int: 10, Secret: "inv_0"}
    fields = {
        field: samples.get(kind.annotation, AT if "Moment" in str(kind.annotation) else line)
        for field, kind in model.model_fields.items()
    }
    return model(**fields)


class Page(HTMLParser):
    """Tags and attributes, as a browser reads them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs


class TestWording:
    @TEMPLATES
    def test_is_there_in_every_locale(self, name):
        assert set(wordings(templates_by_name()[name])) == LOCALES

    @TEMPLATES
    @pytest.mark.parametrize("locale", sorted(LOCALES))
    def test_names_its_fields_and_nothing_else(self, name, locale):
        model = templates_by_name()[name]
        wording, fields = wordings(model)[locale], set(model.model_fields)
        for part in ("text", "html"):
            named = set(getattr(wording, part).get_identifiers())
            assert named - SURROUNDINGS == fields - UNNAMED.get(name, set()), f"{part} of {locale}"
        assert set(wording.subject.get_identifiers()) <= fields | {"brand"}
        assert all(getattr(wording, part).is_valid() for part in ("subject", "text", "html"))

    @TEMPLATES
    def test_has_one_line_as_its_subject(self, name):
        for wording in wordings(templates_by_name()[name]).values():
            assert "\n" not in wording.subject.template

    @TEMPLATES
    def test_leads_by_ids_and_secrets_alone(self, name):
        """A link is our address, words of ours, and what we have made: no text of somebody else stands in it."""
        fields = templates_by_name()[name].model_fields
        ids = {field for field, kind in fields.items() if kind.annotation in (UUID, Secret)}
        for wording in wordings(templates_by_name()[name]).values():
            links = re.findall(r'href="([^"]*)"', wording.html.template)
            assert links
            for link in links:
                assert link.startswith("$public_url/")
                assert set(re.findall(r"\$\{?(\w+)", link)) <= ids | {"public_url"}

    def test_styles_are_html_s_alone(self):
        assert {"paragraph", "button"} <= SURROUNDINGS
        for model in templates_by_name().values():
            for wording in wordings(model).values():
                assert not {"paragraph", "button"} & set(wording.text.get_identifiers())

    def test_a_name_is_its_folder(self):
        assert name_of(JobFailed) == "job_failed"
        assert templates_by_name()["job_failed"] is JobFailed


class TestHostileValues:
    @TEMPLATES
    @pytest.mark.parametrize("locale", sorted(LOCALES))
    @pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
    def test_stay_in_their_place(self, name, locale, value):
        calm = render(example(name), LETTERHEAD, locale=locale)
        hostile = Letterhead(name=value, public_url=PUBLIC_URL)
        mail = render(example(name, line=value), hostile, locale=locale)
        assert Page(mail.html).tags == Page(calm.html).tags
        assert Page(mail.html).attributes == Page(calm.html).attributes
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]", mail.subject)
        assert not re.search(
            r"[\x00-\x09\x0b-\x1f\u2028\u202a-\u202e\u2066-\u2069\ud800-\udfff]", mail.text + mail.html
        )
        assert len(mail.subject) < 2 * LONGEST_LINE
        assert len(mail.html) < 20_000
        mail.html.encode()

    def test_the_control_a_value_that_is_not_escaped_shows(self):
        """The page of the tests above sees what would be wrong."""
        script = HOSTILE["a script"]
        assert "script" in Page(f"<p>{script}</p>").tags

    def test_is_not_taken_for_a_placeholder(self):
        mail = render(example("job_failed", line=HOSTILE["a placeholder"]), LETTERHEAD, locale="en")
        assert mail.subject == "A job has failed: $public_url ${job_id} $$ $"

    def test_begins_no_line_of_the_text(self):
        mail = render(example("job_failed", line=HOSTILE["a header"]), LETTERHEAD, locale="en")
        assert mail.subject == "A job has failed: hello Bcc: everybody@globex.test"

    def test_a_script_written_from_right_to_left_keeps_its_marks(self):
        assert HEBREW in render(example("job_failed", line=HEBREW), LETTERHEAD, locale="en").subject


class TestLetterhead:
    @pytest.mark.parametrize(
        "logo",
        [
            "http://acme.test/l.png",
            "javascript:alert(1)",
            "https://a@b/",
            'https://a.test/"x',
            "https://a.test/ x",
            "//a",
        ],
    )
    def test_a_logo_comes_by_https(self, logo):
        assert Letterhead(name="Acme", logo_url="https://acme.test/l.png?v=1&w=2", public_url=PUBLIC_URL)
        with pytest.raises(ValidationError):
            Letterhead(name="Acme", logo_url=logo, public_url=PUBLIC_URL)

    @pytest.mark.parametrize("color", ["red", "#fff", "#12345g", "#123456;x:y", "#123456\n"])
    def test_a_color_is_six_digits(self, color):
        assert Letterhead(name="Acme", color="#ABCDEF", public_url=PUBLIC_URL).color == "#abcdef"
        with pytest.raises(ValidationError):
            Letterhead(name="Acme", color=color, public_url=PUBLIC_URL)

    @pytest.mark.parametrize(
        "url", ["", "http://acme.test", "javascript:x", "https://a.test/?x", "https://a.test\n", "https://"]
    )
    def test_links_lead_to_https_or_this_machine(self, url):
        assert Letterhead(name="Acme", public_url="http://127.0.0.1:4566/a/").public_url == "http://127.0.0.1:4566/a"
        with pytest.raises(ValidationError):
            Letterhead(name="Acme", public_url=url)

    @pytest.mark.parametrize(("color", "ink"), [("#ffff00", "#000000"), ("#2f5bd7", "#ffffff"), ("#777777", "#000000")])
    def test_a_button_can_be_read_on_any_color(self, color, ink):
        letterhead = Letterhead(name="Acme", color=color, public_url=PUBLIC_URL)
        assert f"background-color:{color};color:{ink}" in render(example("job_failed"), letterhead, locale="en").html

    def test_shows_its_logo_or_its_name(self):
        logo = Letterhead(name='A"cme', logo_url="https://acme.test/l.png?a=1&b=2", public_url=PUBLIC_URL)
        assert "img" in Page(render(example("job_failed"), logo, locale="en").html).tags
        assert ("alt", 'A"cme') in Page(render(example("job_failed"), logo, locale="en").html).attributes
        assert "img" not in Page(render(example("job_failed"), LETTERHEAD, locale="en").html).tags


class TestLocale:
    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ("de", "de"), ("de-AT", "de"), ("DE-at-1996", "de"), ("de-x-alpen", "de"), ("en-GB", "en"),
            ("fr", "en"), ("", "en"), ("-", "en"), ("den", "en"), ("x" * 10_000, "en"),
        ],
    )  # fmt: skip
    def test_is_the_closest_that_there_is(self, wanted, found):
        assert closest(wanted, frozenset(LOCALES)) == found

    def test_the_page_says_which(self):
        html = render(example("job_failed"), LETTERHEAD, locale="de-AT").html
        assert ("lang", "de") in Page(html).attributes


class TestText:
    @TEMPLATES
    @pytest.mark.parametrize("locale", sorted(LOCALES))
    def test_is_wrapped_and_its_links_are_whole(self, name, locale):
        text = render(example(name), LETTERHEAD, locale=locale).text
        assert all(len(line) <= 72 or " " not in line for line in text.splitlines())
        assert re.search(rf"^{PUBLIC_URL}/[a-z-]+(/{ID}|#inv_0)?$", text, re.MULTILINE)


class TestSnapshot:
    """A change of the mails' look is seen in review. Delete a file to have it written anew; look at it in a browser."""

    @pytest.mark.parametrize("part", ["subject", "text", "html"])
    def test_of_one_mail(self, part):
        failed = JobFailed(job_id=ID, kind="projects.import", attempts=10, reason="the file <a&b> is gone")
        mail = render(failed, LETTERHEAD, locale="en")
        file = SNAPSHOTS / f"job_failed.{'html' if part == 'html' else f'{part}.txt'}"
        if not file.exists():
            file.write_text(getattr(mail, part), encoding="utf-8")
            pytest.fail(f"{file.name} is written anew; look at it, then run this again.")
        assert getattr(mail, part) == file.read_text(encoding="utf-8")

    def test_is_no_wider_than_600_pixels(self):
        assert "max-width:600px" in layout("layout.html").template
