"""The page in a real browser, behind the same guard as for everybody."""

from __future__ import annotations

import json
import re
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from agent.cli import main
from agent.settings import Settings
from agent.web.app import create_app
from agent.web.options import ServerOptions
from agent.web.service import Service
from tests.web.serving import listening

playwright = pytest.importorskip("playwright.sync_api")

CHROMIUM = "/usr/bin/chromium"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which(CHROMIUM), reason=f"there is no {CHROMIUM}"),
]

QUESTION = "I enlarged this picture 3x with MIMO-UNet+. Why is it so sharp?"
TEXT_QUESTION = "Which loss does MIMO-UNet+ use?"
SUBMIT = ".buttons button >> nth=0"
FILES = "input[type=file] >> nth=0"
Browse = Callable[..., Any]
#: Adds up how far anything on the page moved of itself.
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service(Settings(), ServerOptions(client_rate=0)) as running:
        yield running


@pytest.fixture(scope="module")
def site(service: Service) -> Iterator[str]:
    with listening(create_app(service)) as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = Image.new("RGB", (160, 112), "#d8d2c4")
    draw = ImageDraw.Draw(image)
    for left in range(0, 160, 16):
        draw.rectangle([left, 20, left + 7, 60], fill="#28516b")
    path = tmp_path_factory.mktemp("picture") / "street.png"
    image.filter(ImageFilter.GaussianBlur(1.3)).save(path)
    return path


@pytest.fixture
def browse(chromium: Any, site: str) -> Iterator[Browse]:
    """Opens pages of new browsers; none may fail, break the policy or ask another server."""
    contexts: list[Any] = []
    faults: list[str] = []
    requests: list[str] = []

    def heard(line: Any) -> None:
        if line.type == "error" and not line.text.startswith("Failed to load resource"):
            faults.append(line.text)

    def opened(**options: Any) -> Any:
        context = chromium.new_context(**options)
        contexts.append(context)
        context.add_init_script(WATCH_SHIFTS)
        context.on("request", lambda request: requests.append(request.url))
        page = context.new_page()
        page.set_default_timeout(180_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", heard)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []
    assert [url for url in requests if not url.startswith((f"{site}/", "blob:", "data:"))] == []


def ask(page: Any, site: str, question: str, *pictures: Path) -> str:
    """Ask; returns the address of the answer, which the page then shows."""
    page.goto(site)
    page.set_input_files(FILES, pictures)
    page.fill("textarea", question)
    page.click(SUBMIT)
    page.wait_for_url("**/answers/*")
    return str(page.url)


@pytest.fixture(scope="module")
def answer(site: str, chromium: Any, picture: Path) -> str:
    """The address of an answer, asked for without a script."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(180_000)
    address = ask(page, site, QUESTION, picture)
    context.close()
    return address


@pytest.fixture(scope="module")
def comparison(site: str, chromium: Any, picture: Path) -> str:
    """The address of a comparison of models, asked for without a script."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(180_000)
    page.goto(site)
    page.set_input_files(FILES, picture)
    page.click("text=Compare models instead")
    page.check("text=MIMO-UNet+ >> nth=-1")
    page.click("button:text('Compare models')")
    page.wait_for_url("**/answers/*")
    address = str(page.url)
    context.close()
    return address


@pytest.fixture
def gate(service: Service, site: str) -> Iterator[threading.Event]:
    """Keeps jobs with pictures waiting until it is set: another holds the only turn."""
    opened = threading.Event()
    service.jobs.start(lambda _: opened.wait(), pictures=True)
    yield opened
    opened.set()


@pytest.fixture
def waiting(gate: threading.Event, site: str, picture: Path) -> Callable[[Any], None]:
    """Asks on a page and stays where the job waits."""

    def asked(page: Any) -> None:
        page.goto(site)
        page.set_input_files(FILES, picture)
        page.fill("textarea", QUESTION)
        page.click(SUBMIT)
        page.wait_for_url("**/jobs/*")

    return asked


# --- asking ---------------------------------------------------------------------------------------


def test_a_picture_is_attached_asked_about_and_its_progress_shown(
    site: str, browse: Browse, picture: Path, gate: threading.Event
) -> None:
    page = browse()
    page.goto(site)
    page.set_input_files(FILES, [picture, picture])
    assert page.locator(".thumbnails img").count() == 2
    page.locator(".thumbnails button").first.click()
    assert page.locator(".thumbnails img").count() == 1
    page.fill("textarea", "Why is this picture sharper after MIMO-UNet+?")
    page.click(SUBMIT)
    assert "Waiting" in page.inner_text(".progress [role=status]")
    gate.set()
    page.wait_for_selector(".progress [role=status]:text('loading')")
    page.wait_for_url("**/answers/*")

    assert page.locator(".compare").count() == 1  # so small a picture needs no closer look
    assert "Run this again" in page.inner_text("main")
    page.goto(site)
    assert "sharper after MIMO-UNet+" in page.inner_text(".earlier")
    page.click("text=Clear this history")
    page.wait_for_url(f"{site}/")
    assert page.locator(".earlier").count() == 0


def test_pictures_are_dropped_and_pasted(site: str, browse: Browse, picture: Path) -> None:
    page = browse(permissions=["clipboard-read", "clipboard-write"])
    page.goto(site)
    dropped = page.evaluate_handle(
        """(bytes) => {
          const transfer = new DataTransfer();
          const content = new Uint8Array(bytes);
          transfer.items.add(new File([content], "dropped.png", { type: "image/png" }));
          transfer.items.add(new File(["text"], "notes.txt", { type: "text/plain" }));
          return transfer;
        }""",
        list(picture.read_bytes()),
    )
    page.dispatch_event("form.ask", "drop", {"dataTransfer": dropped})
    assert page.locator(".thumbnails span").all_inner_texts() == ["dropped.png"]

    page.evaluate(
        """async () => {
          const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
          canvas.getContext("2d").fillRect(0, 0, 4, 8);
          const blob = await new Promise((resolve) => canvas.toBlob(resolve));
          await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
        }"""
    )
    page.fill("textarea", QUESTION)
    page.focus("textarea")
    page.keyboard.press("Control+V")
    page.wait_for_function("document.querySelectorAll('.thumbnails li').length === 2")
    assert page.input_value("textarea") == QUESTION

    names = page.evaluate("[...document.querySelector('input[type=file]').files].map(f => f.name)")
    assert len(names) == 2 and names[0] == "dropped.png"


def test_a_phone_offers_its_camera(site: str, browse: Browse) -> None:
    phone = browse(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.goto(site)
    camera = phone.locator("input[capture=environment]")
    assert camera.is_visible() and camera.get_attribute("accept") == "image/*"

    laptop = browse()
    laptop.goto(site)
    assert not laptop.locator("input[capture]").is_visible()


def test_a_question_that_waits_is_cancelled(
    service: Service, browse: Browse, waiting: Callable[[Any], None]
) -> None:
    before = set(service.workspace.path.iterdir())
    page = browse()
    waiting(page)
    assert "Waiting" in page.inner_text("[role=status]")

    page.click("text=Cancel")

    page.wait_for_selector("h1:text('Cancelled')")
    assert set(service.workspace.path.iterdir()) == before
    page.click("text=Ask again")
    assert page.input_value("textarea") == QUESTION


def test_a_question_that_runs_is_cancelled(
    service: Service,
    browse: Browse,
    gate: threading.Event,
    waiting: Callable[[Any], None],
) -> None:
    before = set(service.workspace.path.iterdir())
    page = browse()
    waiting(page)
    gate.set()
    page.wait_for_selector("[role=status]:text('loading')")

    page.click("text=Cancel")

    page.wait_for_selector("h1:text('Cancelled')")
    assert service.jobs.running == 0
    assert set(service.workspace.path.iterdir()) == before


def test_a_bad_file_gets_one_line_and_the_question_is_not_lost(
    browse: Browse, site: str, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    page = browse()
    page.goto(site)
    page.set_input_files(FILES, bad)
    page.fill("textarea", QUESTION)
    page.click(SUBMIT)

    line = page.inner_text("[role=alert]")
    assert "bad.png" in line and "\n" not in line
    page.click("text=Ask again")
    assert page.input_value("textarea") == QUESTION


def test_two_who_ask_at_once_do_not_see_each_other(
    browse: Browse, site: str, picture: Path
) -> None:
    questions = ["Why is this picture sharper after MIMO-UNet+?", "Is this picture blurred?"]
    pages = [browse(), browse()]
    for page, question in zip(pages, questions, strict=True):
        page.goto(site)
        page.set_input_files(FILES, picture)
        page.fill("textarea", question)
        page.click(SUBMIT, no_wait_after=True)
    for page in pages:
        page.wait_for_url("**/answers/*")

    for page, question, other in zip(pages, questions, reversed(questions), strict=True):
        assert question in page.inner_text("h1")
        page.goto(site)
        assert question in page.inner_text(".earlier")
        assert other not in page.inner_text("body")


def test_an_example_is_answered_where_it_is_clicked(browse: Browse, site: str) -> None:
    page = browse()
    page.goto(site)
    for number in range(page.locator(".examples button").count()):
        page.goto(site)
        example = page.locator(".examples button").nth(number)
        question = example.inner_text()
        example.click()
        page.wait_for_url("**/answers/*")
        assert question in page.inner_text("h1")
        assert page.locator(".references li").count()


# --- reading --------------------------------------------------------------------------------------


def share(page: Any, number: int) -> float:
    """How much of the width shows the picture before."""
    view = page.locator(".wipe").nth(number)
    return 1 - float(view.evaluate("e => e.scrollLeft / (e.scrollWidth - e.clientWidth)"))


@pytest.mark.parametrize("number", [0, 1], ids=["whole", "part"])
def test_a_slider_follows_keyboard_and_mouse(browse: Browse, answer: str, number: int) -> None:
    page = browse()
    page.goto(answer)
    slider, wipe = page.locator(".seam-place input").nth(number), page.locator(".wipe").nth(number)
    assert slider.input_value() == "50"
    assert share(page, number) == pytest.approx(0.5, abs=0.01)

    slider.focus()
    page.keyboard.press("End")
    assert share(page, number) == pytest.approx(1)
    page.keyboard.press("Home")
    assert share(page, number) == pytest.approx(0)
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    assert share(page, number) == pytest.approx(0.3, abs=0.02)
    assert slider.get_attribute("aria-valuetext") == "30% before"

    wipe.scroll_into_view_if_needed()
    box = wipe.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20)
    page.mouse.down()
    assert slider.input_value() == "75"
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.up()
    assert slider.input_value() == "25"
    assert share(page, number) == pytest.approx(0.25, abs=0.02)
    page.set_viewport_size({"width": 400, "height": 900})
    page.wait_for_function(
        "(i) => { const e = document.querySelectorAll('.wipe')[i];"
        "return Math.abs(e.scrollLeft / (e.scrollWidth - e.clientWidth) - .75) < .02 }",
        arg=number,
    )


def test_without_a_script_a_picture_is_scrolled_over_the_other(browse: Browse, answer: str) -> None:
    page = browse(java_script_enabled=False)
    page.goto(answer)

    assert page.locator(".wipe[tabindex='0']").count() == 2
    assert page.locator(".seam-place, .scripted:visible").count() == 0
    assert page.locator(".hint").first.is_visible()


def test_every_download_opens_and_says_what_the_command_says(
    browse: Browse, chromium: Any, answer: str, picture: Path, tmp_path: Path
) -> None:
    page = browse(accept_downloads=True)
    page.goto(answer)
    files: dict[str, Path] = {}
    for link in page.locator(".downloads a").all():
        with page.expect_download() as download:
            link.click()
        name = download.value.suggested_filename
        files[name] = tmp_path / name
        download.value.save_as(files[name])

    main(["ask", QUESTION, "-i", str(picture), "-o", str(tmp_path / "command")])
    asked = (tmp_path / "command" / "report.md").read_text("utf-8")
    assert timeless(files["report.md"].read_text("utf-8")) == timeless(asked)
    assert json.loads(files["report.json"].read_bytes())["question"]["text"] == QUESTION
    assert json.loads(files["references.csl.json"].read_bytes())
    assert files["references.bib"].read_text("utf-8").startswith("@")
    with zipfile.ZipFile(files["groundglass.zip"]) as archive:
        assert archive.testzip() is None
        names = {Path(name).name for name in archive.namelist()}
    assert names == {path.name for path in (tmp_path / "command").iterdir()}
    alone = chromium.new_page()
    alone.goto(files["report.html"].as_uri())
    assert alone.inner_text("h1") == QUESTION
    assert all(alone.locator("img").evaluate_all("all => all.map(i => i.naturalWidth > 0)"))
    alone.close()


def timeless(markdown: str) -> str:
    """Without the time of day, and what each step took."""
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:+]+|(?:in|took) [\d.]+ (s|ms|min)\b", "…", markdown)


def test_evidence_opens_where_a_mark_leads(browse: Browse, answer: str) -> None:
    page = browse()
    page.goto(answer)
    assert not page.locator(".measured").is_visible()
    page.locator(".mark a[href^='#e']").first.click()
    page.wait_for_selector(".measured", state="visible")


# --- comparing models -----------------------------------------------------------------------------


def test_models_are_compared_and_any_two_laid_over_each_other(
    browse: Browse, comparison: str
) -> None:
    page = browse()
    page.goto(comparison)

    assert page.locator(".models thead th").all_inner_texts() == ["bicubic", "MIMO-UNet+"]
    assert page.locator(".wipe").count() == 2
    slider = page.locator(".seam-place input").first
    slider.focus()
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "100% bicubic"
    page.goto(f"{comparison}?left=mimo-unet-plus&right=bicubic")
    assert page.locator(".before b").first.inner_text() == "MIMO-UNet+"
    assert all(page.locator("figure img").evaluate_all("all => all.map(i => i.naturalWidth > 0)"))
    with page.expect_download() as download:
        page.click(".downloads a:text('HTML')")
    assert download.value.suggested_filename == "comparison.html"


def test_a_comparison_is_run_again(browse: Browse, comparison: str) -> None:
    page = browse()
    page.goto(comparison)
    page.click("text=Run this again")
    page.wait_for_selector("[role=status]:text('%')")
    assert "Which model is best" in page.inner_text("h1")
    page.click("text=Cancel")
    page.wait_for_selector("h1:text('Cancelled')")


def test_models_are_compared_on_the_picture_of_an_answer(browse: Browse, answer: str) -> None:
    page = browse()
    page.goto(answer)
    page.click("text=Compare models instead")
    page.click("button:text('Compare models')")
    page.wait_for_selector("[role=status]:text('street.png')")
    assert QUESTION in page.inner_text("h1")
    page.click("text=Cancel")
    page.wait_for_selector("h1:text('Cancelled')")


# --- every page -----------------------------------------------------------------------------------


@pytest.fixture
def places(site: str, answer: str, comparison: str, browse: Browse) -> dict[str, str]:
    """A page of every kind but that of a job."""
    page = browse()
    page.goto(answer)
    page.fill("textarea", "Shorter, please")
    page.click("text=Send")
    page.wait_for_url(lambda url: "/answers/" in url and url != answer)
    return {
        "home": f"{site}/",
        "answer": answer,
        "reply": str(page.url),
        "comparison": comparison,
        "registry": f"{site}/registry",
        "search": f"{site}/registry?q=text",
        "card": f"{site}/registry/mimo-unet-plus",
        "failure": f"{site}/answers/none",
    }


def sound(page: Any, name: str, width: int) -> None:
    """Nothing is wider than the screen, moves of itself or shuts anyone out."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    violations = axe.run(page).response["violations"]
    serious = [v for v in violations if v["impact"] in ("serious", "critical")]
    assert [(name, v["id"], v["nodes"][0]["target"]) for v in serious] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280, 3840])
def test_every_page_suits_every_screen_and_everyone(
    browse: Browse, places: dict[str, str], scheme: str, width: int
) -> None:
    page = browse(viewport={"width": width, "height": 640}, color_scheme=scheme)
    for name, place in places.items():
        page.goto(place)
        sound(page, name, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_job_suits_everyone(
    browse: Browse, waiting: Callable[[Any], None], scheme: str
) -> None:
    page = browse(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    waiting(page)
    sound(page, "job", 320)
    page.click("text=Cancel")
    page.wait_for_selector("h1:text('Cancelled')")


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_moves_of_itself(
    browse: Browse, places: dict[str, str], width: int, capsys: pytest.CaptureFixture[str]
) -> None:
    page = browse(viewport={"width": width, "height": 640})
    for name, place in places.items():
        page.goto(place, wait_until="networkidle")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        assert page.evaluate("shifted") < 0.1, name
        paints = page.evaluate("performance.getEntriesByType('paint').map(e => e.startTime)")
        with capsys.disabled():
            print(f"\n{name} at {width} px: first paint after {min(paints, default=0):.0f} ms")
