"""The page of the study, made of made-up reports and opened as a reader would open it."""

import functools
import html
import re

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from rojsat.config import compose, pipeline
from rojsat.page.page_inputs import PageInputs
from rojsat.stages import page as page_stage
from rojsat.stages import page_full, page_pdf
from tests.support import accessibility, chromium, stores, study_reports
from tests.test_words import REFUSED

pytestmark = pytest.mark.slow

NUMBERS = [f"fig-{number}" for number in range(1, 23)]
NUMBERS += ["table-1", "table-2", *(f"table-{letter}" for letter in "abcdefghijkmn"), *(f"fig-{x}" for x in "abcde")]
OF_EVALUATIONS = {"table-j", "table-m", "table-n", "fig-c"}


def remembered(load):
    """Compose every experiment once: that is what takes longest here."""
    known = functools.cache(lambda name, overrides: load(name, overrides))
    return lambda name="default", overrides=(): known(name, tuple(overrides))


def cut(root, name, words):
    """Chips of a data set, of all that the page shows."""
    regions = [("clearing", str(number), None) for number in (1, 2, 5, 6, 7, 8)]
    regions += [("stand", f"{label}{number}", label) for label in ("need", "clear") for number in range(2)]
    labels = ("need", "clear", "housing", "sports ground", "cropland")
    regions += [("control", f"p{number}", label) for number, label in enumerate(labels)]
    dates = [f"2019-0{month}-11" for month in (7, 8, 9)]
    folder = root / "data/processed" / name
    stores.write(folder, regions, dates, experiment=compose.load("unet_roi6", words))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A repository with every report that the page needs."""
    root = tmp_path_factory.mktemp("study")
    for name, size in (("simulated", "quick"), ("simulated_full", "full")):
        cut(root, name, [f"size={size}"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "ROOT", root)
        patch.setattr(compose, "load", remembered(compose.load))
        (root / "reports").mkdir()
        inputs = PageInputs()
        study_reports.leave(inputs)
        study_reports.leave_full(PageInputs(pipeline.FULL), inputs.full)
        page_full.run(compose.load())
        yield root


@pytest.fixture(scope="module")
def page(root):
    page_stage.run(compose.load())
    return root / "reports" / "study.html"


@pytest.fixture(scope="module")
def browser(page):
    driver = chromium.start("1366,911", **{"goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}})
    driver.get(page.as_uri())
    WebDriverWait(driver, 60).until(lambda page: page.execute_script("return document.readyState") == "complete")
    yield driver
    driver.quit()


def test_every_figure_and_table_of_the_study_is_there(browser):
    WebDriverWait(browser, 30).until(lambda page: page.find_element(By.ID, NUMBERS[-1]))
    ids = browser.execute_script("return [...document.querySelectorAll('[id]')].map(element => element.id)")
    assert len(ids) == len(set(ids))
    assert set(NUMBERS) <= set(ids)


def test_every_link_has_its_target(browser):
    links = browser.execute_script("return [...document.links].map(link => link.getAttribute('href'))")
    assert len(links) > len(NUMBERS)
    assert all(link.startswith("#") for link in links)
    assert (
        browser.execute_script(
            "return [...document.links].filter(link => !document.getElementById(link.hash.slice(1))).length"
        )
        == 0
    )


def test_every_picture_is_shown_and_described(browser):
    unfold(browser)
    pictures = browser.execute_script(
        "return [...document.images].map(image => [image.naturalWidth, image.clientWidth, image.alt])"
    )
    assert len(pictures) >= 20
    assert all(natural > 0 and shown > 0 and alt for natural, shown, alt in pictures)


def test_alternative_texts_are_no_captions(browser):
    unfold(browser)
    texts = browser.execute_script(
        "return [...document.querySelectorAll('figure img')].map("
        "image => [image.alt, image.closest('figure').innerText])"
    )
    assert [alt for alt, caption in texts if len(alt.split()) < 8 or alt in caption] == []


WIDER = """return [...document.querySelectorAll("body *")].filter(
    element => element.getBoundingClientRect().right > window.innerWidth + 1).map(element => element.outerHTML)"""


def unfold(browser):
    """Open all that is folded: what is closed has no size."""
    browser.execute_script("document.querySelectorAll('details').forEach(folded => { folded.open = true; })")


@pytest.fixture
def resize(browser):
    """Give the screen another width, CSS pixels, and unfold the page; afterwards it is as before."""

    def to(width):
        metrics = {"width": width, "height": 768, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        unfold(browser)

    yield to
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("width", [1366, 1000, 880, 400])
def test_nothing_is_wider_than_the_screen(browser, resize, width):
    resize(width)
    assert browser.execute_script(WIDER) == []


@pytest.mark.parametrize("width", [1366, 400])
def test_axe_finds_nothing(browser, resize, width):
    resize(width)
    assert accessibility.faults(browser) == []


def test_axe_finds_what_is_wrong(browser):
    browser.execute_script("document.querySelector('figure img').removeAttribute('alt')")
    assert any(fault.startswith("image-alt: 1,") for fault in accessibility.faults(browser))
    browser.refresh()


def test_the_page_asks_nobody_and_complains_of_nothing(browser, page):
    assert browser.get_log("browser") == []
    asked = re.findall(r'"Network.requestWillBeSent".*?"url":"(.*?)"', str(browser.get_log("performance")))
    assert page.as_uri() in asked
    assert all(url.startswith("data:") for url in set(asked) - {page.as_uri()})
    assert not re.search(r'(src|href)="(?!data:|#)', page.read_text())


def test_numbers_stand_beside_the_published_ones_and_every_item_copies_its_commands(browser):
    unfold(browser)
    table = browser.find_element(By.ID, "table-1").text
    assert "study 0.83" in table
    assert "study 254" in table
    commands = browser.execute_script(
        "return [...document.querySelectorAll('figure')].map(figure => figure.querySelector('.copy').title)"
    )
    assert all(line.startswith(("rojsat ", "python -m rojsat.stages.")) for line in "\n".join(commands).split("\n"))
    assert "python -m rojsat.run" not in "".join(commands)
    lead = browser.find_element(By.CLASS_NAME, "lead").text
    assert "The data of this page are simulated." in lead
    assert "Size quick" in lead
    text = browser.find_element(By.TAG_NAME, "main").text
    assert f"All were trained on {study_reports.MACHINE}." in text
    assert "commit c0ffee" in text


def test_the_first_screen_has_the_finding_four_numbers_and_both_figures(browser):
    screen = browser.execute_script("return window.innerHeight")
    finding = browser.find_element(By.TAG_NAME, "h1")
    assert finding.text.startswith("On three regions and one seed, ")
    assert browser.find_element(By.CLASS_NAME, "answer").text.startswith("On 81 clearing objects")
    badges = [badge.text for badge in browser.find_elements(By.CSS_SELECTOR, ".badges li")]
    assert badges[:3] == ["simulated data", "one to three seeds", "random initialisation"]
    assert len(browser.find_elements(By.CSS_SELECTOR, ".facts li")) == 4
    for name in ("fig-d", "fig-e"):
        picture = browser.find_element(By.CSS_SELECTOR, f"#{name} img").rect
        assert picture["y"] + picture["height"] < screen
    assert browser.find_element(By.ID, "fig-18").rect["y"] < 1.5 * screen
    assert "not evaluated" in browser.find_element(By.ID, "table-j").text


def test_a_link_into_a_folded_section_opens_it_and_a_button_says_that_it_copied(browser):
    browser.refresh()
    folded = WebDriverWait(browser, 30).until(lambda page: page.find_element(By.CSS_SELECTOR, "details:has(#table-f)"))
    assert folded.get_attribute("open") is None
    browser.find_element(By.CSS_SELECTOR, "nav a[href='#table-f']").click()
    WebDriverWait(browser, 5).until(lambda _: folded.get_attribute("open"))
    button = folded.find_element(By.CSS_SELECTOR, "#table-f .copy")
    button.click()
    WebDriverWait(browser, 5).until(lambda _: button.text == "Copied")


def test_the_page_of_minutes_has_what_this_machine_trained_and_the_study_shows_each_once(page):
    text = page.with_name("study_minutes.html").read_text()
    ids = re.findall(r'id="((?:fig|table)-[^"]+)"', text)
    assert {"fig-4", "fig-12", "fig-18", "table-b", "table-d", "table-k"} <= set(ids)
    assert "a smoke test" in text
    assert "exp=unet_roi6 size=full" not in text
    assert "exp=unet_roi6 size=full" in page.read_text()


TABLES = """return [...document.querySelectorAll('table')].map(table => ({
    columns: [...table.tHead.rows[table.tHead.rows.length - 1].cells].map(cell => cell.textContent),
    rows: [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent))}))"""


def test_no_r2_below_zero_stands_without_words_and_no_overlap_without_prevalence(browser):
    unfold(browser)
    tables, negative = browser.execute_script(TABLES), 0
    assert len(tables) > 10
    for table in tables:
        columns = table["columns"]
        if any(column.startswith(("IoU", "F1 (macro)")) for column in columns):
            assert any("prevalence" in column for column in columns), columns
        for row in table["rows"]:
            aligned = zip(reversed(columns), reversed(row), strict=False)  # names of rows may span several
            cells = [cell for column, cell in aligned if column.startswith("R²") and cell.startswith("-")]
            assert all("worse than the mean" in cell for cell in cells), row
            negative += len(cells)
    assert negative


def test_numbers_have_two_decimals(page):
    """All but rates of learning, which are settings: 0.0001."""
    assert set(re.findall(r"(?<![\d.])\d+\.\d{3,}(?!\d)", prose(page))) <= {"0.001", "0.0001", "0.0003"}


def prose(page):
    """The text of a page, tags and pictures left out, a line an element."""
    text = re.sub(r"<(style|script)>.*?</\1>", "", page.read_text(), flags=re.DOTALL)
    alts = re.findall(r'alt="([^"]*)"', text)
    return html.unescape(re.sub(r"<[^>]+>", "\n", text) + "\n".join(alts))


def test_the_page_is_in_the_words_of_the_field(page):
    refused = [(match, instead) for pattern, instead in REFUSED.items() for match in re.findall(pattern, prose(page))]
    assert refused == []


def test_the_page_depends_on_its_inputs_alone(root, page):
    before = page.read_bytes()
    for file in (root / "reports").rglob("run.json"):
        file.write_text('{"machine": "another one", "seconds": 1, "run": "f00"}')
    page_stage.run(compose.load())
    assert page.read_bytes() == before
    assert str(root) not in page.read_text()


def hide(*files):
    """Rename the files; the function that comes back names them as before."""
    hidden = [(file, file.rename(file.with_suffix(".hidden"))) for file in files]
    return lambda: [aside.rename(file) for file, aside in hidden]


def test_missing_files_are_named_with_their_commands_before_anything_is_written(root, page):
    before = page.stat().st_mtime_ns
    names = ["reports/quick/unet_roi7/predictions/control.npz", "reports/quick/unet_roi6_iou/summary.json"]
    names += ["results/full/page/sections.json", "results/full/unet_roi6_iou_scratch_full/run.json"]
    names += ["reports/full/deeplab_roi7_scratch_full/predictions/test.npz", "reports/quick/unet_roi6/run.json"]
    restore = hide(*map(root.joinpath, names))
    with pytest.raises(ValueError, match="do not exist") as error:
        page_stage.run(compose.load())
    restore()
    message = str(error.value)
    assert "rojsat run exp=unet_roi7\n    makes reports/quick/unet_roi7/predictions/control.npz" in message
    assert "rojsat run exp=unet_roi6 variant=iou\n" in message
    assert "variant=iou,scratch size=full\n    makes results/full/unet_roi6_iou_scratch_full/run.json" in message
    assert "python -m rojsat.stages.page_full\n    makes results/full/page/sections.json" in message
    assert message.count("makes") == 4  # neither predictions at full length, nor what differs from run to run
    assert page.stat().st_mtime_ns == before


def test_sections_at_full_length_are_drawn_completely_or_not_at_all(root, page):
    drawn = root / "results/full/page"
    before = {file.name: file.read_bytes() for file in drawn.iterdir()}
    restore = hide(root / "reports/full/deeplab_roi7_scratch_full/predictions/test.npz")
    with pytest.raises(
        ValueError, match=r"exp=deeplab_roi7 size=full variant=scratch\n    makes reports/full/deeplab_roi7_s"
    ):
        page_full.run(compose.load())
    restore()
    assert {file.name: file.read_bytes() for file in drawn.iterdir()} == before
    page_full.run(compose.load())
    assert {file.name: file.read_bytes() for file in drawn.iterdir()} == before


def test_the_page_is_printed_on_ten_pages_and_an_appendix(page):
    chromium.binaries()
    printed = page_pdf.run(page)
    content = printed.read_bytes()
    assert content.startswith(b"%PDF")
    alone = page.with_name("main.html")
    alone.write_text(page.read_text().replace("</style>", ".appendix { display: none; }</style>"))
    pages = [len(re.findall(rb"/Type\s*/Page\b", each.read_bytes())) for each in (page_pdf.run(alone), printed)]
    assert 3 < pages[0] <= 10 < pages[1]


def test_without_a_browser_printing_says_what_to_install(page, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match="apt install chromium"):
        page_pdf.run(page)


def test_a_page_of_data_of_ones_own_has_all_but_what_the_embedded_data_alone_have(root):
    words = ["data=flanders"]
    cut(root, "flanders", words)
    study_reports.leave(PageInputs(words))
    page_stage.run(compose.load(), words)
    text = (root / "reports/study_flanders.html").read_text()
    ids = set(re.findall(r'id="([^"]+)"', text))
    without = {"table-h", "table-i", *OF_EVALUATIONS}
    assert set(NUMBERS) - without <= ids
    assert not without & ids
    assert not (root / "reports/study_flanders_minutes.html").exists()
    assert "The data of this page are the data set flanders (source geotiff)." in text
    assert "are simulated" not in text
    assert "Dates all year and a larger set of clearing objects are other data sets" in text
    assert "rojsat run exp=unet_roi6 variant=iou data=flanders" in text


def test_a_page_with_a_variant_applied_to_everything_has_a_name_and_commands_of_its_own():
    inputs = PageInputs(["size=full", "variant=scratch"])
    assert (PageInputs().name, PageInputs(["size=full"]).name, inputs.name) == (
        "study",
        "study_full",
        "study_scratch_full",
    )
    report = inputs.report("deeplab_roi6", "iou")
    assert report.command == "rojsat run exp=deeplab_roi6 variant=iou,scratch size=full"
    assert report.name == "deeplab_roi6_iou_scratch_full"
