"""The page of the study, made of made-up reports and opened as a reader would open it."""

import functools
import re
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from rojsat.config import compose
from rojsat.page.inputs import Study
from rojsat.stages import page as study
from rojsat.stages import page_full, page_pdf
from tests.support import stores, study_reports

NUMBERS = [f"fig-{number}" for number in range(1, 23)]
NUMBERS += ["table-1", "table-2", *(f"table-{letter}" for letter in "abcdefghi"), "fig-a", "fig-b"]
LONG = [f"fig-{number}l" for number in (*range(4, 8), *range(11, 23))]
LONG += ["table-1l", "table-2l", *(f"table-{letter}l" for letter in "bcdef"), "fig-al"]


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
    place = root / "data/processed" / name
    stores.write(place, regions, dates, experiment=compose.load("unet_roi6", words))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A repository with every report that the page needs."""
    root = tmp_path_factory.mktemp("study")
    for name, size in (("simulated", "quick"), ("simulated_full", "full")):
        cut(root, name, [f"size={size}"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compose, "ROOT", root)
        patch.setattr(compose, "load", remembered(compose.load))
        (root / "reports").mkdir()
        study_reports.leave(Study())
        page_full.run(compose.load())
        yield root


@pytest.fixture(scope="module")
def page(place):
    study.run(compose.load())
    return place / "reports" / "study.html"


@pytest.fixture(scope="module")
def browser(page):
    binaries = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not all(binaries):
        pytest.skip("no chromium or no chromedriver here")
    options = webdriver.ChromeOptions()
    options.binary_location = binaries[0]
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1200,900"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options, webdriver.ChromeService(binaries[1]))
    found.get(page.as_uri())
    yield found
    found.quit()


def test_every_figure_and_table_of_the_study_is_there(browser):
    there = browser.execute_script("return [...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(there) == len(set(there))
    assert {*NUMBERS, *LONG} <= set(there)


def test_every_link_has_its_target(browser):
    links = browser.execute_script("return [...document.links].map(one => one.getAttribute('href'))")
    assert len(links) > len(NUMBERS)
    assert all(link.startswith("#") for link in links)
    assert (
        browser.execute_script(
            "return [...document.links].filter(one => !document.getElementById(one.hash.slice(1))).length"
        )
        == 0
    )


def test_every_picture_is_shown_and_described(browser):
    pictures = browser.execute_script(
        "return [...document.images].map(one => [one.naturalWidth, one.clientWidth, one.alt])"
    )
    assert len(pictures) >= 20
    assert all(natural > 0 and shown > 0 and alt for natural, shown, alt in pictures)


def test_nothing_is_wider_than_the_page(browser):
    wide, screen = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= screen


def test_the_page_asks_nobody_and_complains_of_nothing(browser, page):
    assert browser.get_log("browser") == []
    asked = re.findall(r'"Network.requestWillBeSent".*?"url":"(.*?)"', str(browser.get_log("performance")))
    assert page.as_uri() in asked
    assert all(url.startswith("data:") for url in set(asked) - {page.as_uri()})
    assert not re.search(r'(src|href)="(?!data:|#)', page.read_text())


def test_numbers_stand_beside_the_published_ones_and_every_item_names_its_command(browser):
    table = browser.find_element(By.ID, "table-1").text
    assert "study 0.83" in table
    assert "study 254" in table
    commands = browser.execute_script(
        "return [...document.querySelectorAll('figure')].map(one => one.querySelector('.command').textContent)"
    )
    assert all("python -m rojsat." in command for command in commands)
    lead = browser.find_element(By.CLASS_NAME, "lead").text
    assert "The data of this page are simulated." in lead
    assert "size quick" in lead
    assert study_reports.MACHINE in lead


def test_missing_reports_are_named_with_their_commands_before_anything_is_written(place, page):
    before = page.stat().st_mtime_ns
    names = ["deeplab_roi7/predictions/control.npz", "unet_roi6_iou/summary.json", "study/long/sections.json"]
    names += ["unet_roi6_iou_scratch_full/run.json", "deeplab_roi7_scratch_full/predictions/test.npz"]
    hidden = [(file, file.rename(file.with_suffix(".hidden"))) for file in map((place / "reports").joinpath, names)]
    with pytest.raises(ValueError, match="are not there") as error:
        study.run(compose.load())
    for file, aside in hidden:
        aside.rename(file)
    assert "python -m rojsat.run exp=deeplab_roi7\n    makes reports/deeplab_roi7/predictions/control.npz" in str(
        error.value
    )
    assert "python -m rojsat.run exp=unet_roi6 variant=iou\n" in str(error.value)
    assert "variant=iou,scratch size=full\n    makes reports/unet_roi6_iou_scratch_full/run.json" in str(error.value)
    assert "python -m rojsat.stages.page_full\n    makes reports/study/long/sections.json" in str(error.value)
    assert str(error.value).count("makes") == 4  # predictions of long trainings are in their sections
    assert page.stat().st_mtime_ns == before


def test_sections_of_long_trainings_are_drawn_whole_or_not_at_all(place, page):
    drawn = place / "reports/study/long"
    before = {file.name: file.read_bytes() for file in drawn.iterdir()}
    file = place / "reports/deeplab_roi7_scratch_full/predictions/test.npz"
    aside = file.rename(file.with_suffix(".hidden"))
    with pytest.raises(
        ValueError, match=r"exp=deeplab_roi7 size=full variant=scratch\n    makes reports/deeplab_roi7_s"
    ):
        page_full.run(compose.load())
    aside.rename(file)
    assert {file.name: file.read_bytes() for file in drawn.iterdir()} == before
    page_full.run(compose.load())
    assert {file.name: file.read_bytes() for file in drawn.iterdir()} == before


def test_the_page_is_printed(page, browser):
    printed = page_pdf.run(page)
    content = printed.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) > 5


def test_without_a_browser_printing_says_what_to_install(page, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match="apt install chromium"):
        page_pdf.run(page)


def test_a_page_of_data_of_ones_own_has_all_but_what_the_embedded_data_alone_have(place):
    words = ["data=flanders"]
    cut(place, "flanders", words)
    study_reports.leave(Study(words))
    study.run(compose.load(), words)
    text = (place / "reports/study_flanders.html").read_text()
    there = set(re.findall(r'id="([^"]+)"', text))
    assert set(NUMBERS) - {"table-h", "table-i"} <= there
    assert not {"table-h", *LONG} & there
    assert "The data of this page are the data set flanders (source geotiff)." in text
    assert "are simulated" not in text
    assert "Dates all year and a larger set of clearing objects are other data sets" in text
    assert "python -m rojsat.run exp=unet_roi6 variant=iou data=flanders" in text


def test_a_page_with_a_change_under_everything_has_a_name_and_commands_of_its_own():
    changed = Study(["size=full", "variant=scratch"])
    assert (Study().name, Study(["size=full"]).name, changed.name) == ("study", "study_full", "study_scratch_full")
    report = changed.report("deeplab_roi6", "iou")
    assert report.command == "python -m rojsat.run exp=deeplab_roi6 variant=iou,scratch size=full"
    assert report.name == "deeplab_roi6_iou_scratch_full"
