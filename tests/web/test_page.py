"""The page over HTTP: what it holds, what it may load, and that nothing from outside becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontrow.catalog.title import Person, Title, Translation
from frontrow.core.clock import parse_time
from frontrow.people.profile import Profile
from frontrow.recommend.answers import Drop, Evidence, Explanation, Item, Page, Reason, Resume, Row, Slate
from frontrow.recommend.standing import Standing
from frontrow.web import page
from frontrow.web.shelves import Details, Scene
from frontrow.web.statics import HEADERS, statics

NOW = parse_time("2026-03-20T10:00:00Z")
TAGS = {
    "html", "head", "meta", "title", "link", "script", "body", "svg", "symbol", "path", "circle", "ellipse", "g", "use",
    "a", "header", "form", "input", "label", "details", "summary", "select", "option", "button", "p", "span", "b",
    "main", "h1", "h2", "h3", "section", "div", "ul", "ol", "li", "progress", "meter", "footer", "dialog",
    "dl", "dt", "dd", "article", "nav",
}  # fmt: skip
hostile = st.text(max_size=80).map(lambda text: text + "<script>x</script>\"><img onerror=x> ' & {{ 1 }}") | st.text(
    st.sampled_from("<>&\"'=/ ab\u202e\u2066{}%"), max_size=60
)


class Markup(HTMLParser):
    """Fails on whatever the templates do not write."""

    def __init__(self):
        super().__init__()
        self.text, self.ids, self.sources = "", [], []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name not in ("style", "srcdoc"), name
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src", "action"):
                assert value.startswith(("/", "#")), value
                assert not value.startswith("//"), value
                self.sources.append(value)
        assert tag != "script" or dict(attrs).get("src", "").startswith("/web/")

    def handle_data(self, data):
        self.text += data


def read(body):
    markup = Markup()
    markup.feed(body.decode())
    markup.close()
    assert len(markup.ids) == len(set(markup.ids))
    return markup


def whole_page(text, title, profile):
    item = Item(title.title_id, text, 0, 1.0, text, Reason("new", text, [text]), None, Resume(text, 1.0, 0.5))
    rows = [
        Row(f"{n}-{text}", kind, text, Reason("x", text), [item] * 4) for n, kind in enumerate(("top_picks", "top10"))
    ]
    scene = Scene(profile)
    standing = Standing(title.title_id, True, False, "watched", Resume(text, 1.0, 0.5), 3)
    details = Details.of(title, 3, standing, title, scene)
    explanation = Explanation(text, False, [Drop(text, text)], [Evidence(text, 1.0, [text], text)], 1.0, {text: 1.0})
    answer = Page(text, profile.profile_id, "2026-03-20T10:00:00Z", text, text, {}, rows)
    found = Slate(text, None, "2026-03-20T10:00:00Z", text, None, {}, [item])
    for opened in (None, page.Opened(details, explanation)):
        for query in ("", text):
            yield page.home(
                answer, scene, lambda _: title, NOW, 2, lead=lambda _: details, opened=opened,
                found=found if query.strip() else None, query=query,
            )  # fmt: skip
    yield page.details(details)
    yield page.why(explanation, scene, lambda _: title)
    yield page.results(found, text, scene, lambda _: title)
    yield page.rows(rows, 0, text, scene, lambda _: title, NOW)
    yield page.chooser([profile], text, True, text)


@given(hostile)
def test_no_text_becomes_markup(text):
    title = Title(
        title_id=text or "x", name=text or "x", synopsis=text, genres=[text], tags={text: 1.0}, kind="episode",
        people=[Person(text or "x", text)], translations={"sv": Translation(text, text)},
    )  # fmt: skip
    profile = Profile(profile_id=text or "x", account_id=text, country=None, language="sv", attributes={"name": text})
    for body in whole_page(text, title, profile):
        read(body)


def test_texts_are_shown_as_they_are():
    name = "<b>R&D</b> \"quoted\" 'it' {{ x }} 🎬 שלום"
    title = Title(title_id="x", name=name, synopsis=name)
    for body in whole_page(name, title, Profile(profile_id=name)):
        assert name in read(body).text


def test_a_bare_title_and_an_empty_page():
    bare = Title(title_id="x", name="Bare")
    for body in whole_page("Bare", bare, Profile(profile_id="p")):
        assert "None" not in read(body).text
    nothing = Page("p-1", "p", "2026-03-20T10:00:00Z", "none", None, {}, [])
    body = page.home(
        nothing, Scene(Profile(profile_id="p")), lambda _: None, NOW, 6, lead=lambda _: None,
        opened=None, found=None, query="",
    )  # fmt: skip
    assert "Nothing to show yet" in read(body).text
    assert "Nobody is here yet" in read(page.chooser([], None, False, "")).text


def test_right_to_left_and_links_carry_the_scene():
    scene = Scene(Profile(profile_id="a b&c", language="ar"), "tv", "evening")
    assert scene.direction == "rtl"
    assert scene.href(title="x/y") == "/?profile=a+b%26c&device=tv&when=evening&title=x%2Fy"
    assert Scene(Profile(profile_id="p")).href() == "/?profile=p"


def test_statics_load_nothing_from_elsewhere_and_build_no_markup():
    files = statics()
    assert {"base.css", "main.js", "icon.svg", "palettes.css"} <= files.keys()
    for name, file in files.items():
        text = file.body.decode()
        plain = text.replace("http://www.w3.org/2000/svg", "")
        assert "//" not in re.sub(r"^\s*//.*$|\s// .*$|https?://127", "", plain, flags=re.MULTILINE).replace(
            "`//", ""
        ), name
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|@import|url\(", text
        )
        for target in re.findall(r'from "\./([^"]+)"|import "\./([^"]+)"', text):
            assert "".join(target) in files
    assert sum(len(file.body) for file in files.values()) < 90_000


def test_modules_are_small_and_templates_write_no_script():
    for entry in resources.files("frontrow.web").joinpath("static").iterdir():
        assert len(entry.read_text().splitlines()) <= 300, entry.name
    for entry in resources.files("frontrow.web").joinpath("templates").iterdir():
        text = entry.read_text()
        assert "|safe" not in text.replace(" ", "")
        assert not re.search(r"<script(?! type=\"module\" src=\"/web/)|style=|\son\w+=", text), entry.name


def test_the_policy_allows_its_own_files_alone():
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("surrogate", ["\ud800", "a\udfffb"])
def test_text_that_is_no_unicode_does_not_stop_the_page(surrogate):
    title = Title(title_id="x", name=surrogate, synopsis=surrogate)
    for body in whole_page("x", title, Profile(profile_id="p", attributes={"name": surrogate})):
        read(body)
