"""The MLflow UI, clicked through as a person would: what they look for must be there without being searched for."""

import json

import mlflow
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import WebDriverWait

from rojsat.config import compose
from rojsat.stages import figures, train
from rojsat.tracking import recorder
from tests.support import chromium
from tests.support.mlflow_server import Server

pytestmark = pytest.mark.slow

SETTINGS = ["exp=unet_roi6", "train.epochs=2", "train.threads=1", "model.options.depth=1", "model.options.decoder=[8]"]
SUBJECT = "simulated segmentation"
PATIENCE = 60


@pytest.fixture(scope="module")
def browser():
    browser_window = chromium.start("1400,900")
    # closed once, the assistant's panel stays closed; it would cover what a person looks at
    closed = "localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true')"
    browser_window.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": closed})
    yield browser_window
    browser_window.quit()


def sees(browser, text):
    """Wait until the page shows `text`."""
    WebDriverWait(browser, PATIENCE).until(lambda page: text in page.find_element(By.TAG_NAME, "body").text, text)


def click(browser, path):
    WebDriverWait(browser, PATIENCE).until(expected.element_to_be_clickable((By.XPATH, path))).click()


@pytest.fixture
def served(at, browser, monkeypatch):
    """Three runs, the first with its figures, in a UI; the identifier of the first."""
    for seed in range(3):
        train.run(compose.parse([*SETTINGS, f"seed={seed}"]))
    figures.run(compose.parse([*SETTINGS, "seed=0"]))
    server = Server(f"sqlite:///{recorder.STORE / 'mlflow.db'}", recorder.STORE / "artifacts").start()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    yield json.loads((compose.report_folder(compose.parse([*SETTINGS, "seed=0"])) / "run.json").read_text())["run"]
    server.kill()
    mlflow.set_tracking_uri(None)


def test_a_person_finds_table_comparison_figure_and_model(served, browser):
    run = recorder.find(served)
    browser.get(run.table)
    titles = [compose.run_name(compose.parse([*SETTINGS, f"seed={seed}"])) for seed in range(3)]
    for title in titles:
        sees(browser, title)
    sees(browser, "test/r2")
    sees(browser, "leak")
    for title in titles:
        row = f"//a[contains(., '{title}')]/ancestor::*[@role='row'][1]"
        click(browser, f"{row}//*[contains(@class, 'ag-selection-checkbox')]")
    click(browser, "//button[contains(., 'Compare')]")
    sees(browser, "Comparing 3 Runs")
    sees(browser, "Run details")
    browser.get(run.link)
    sees(browser, "region 6 to test, a region not trained on")
    click(browser, "//*[@role='tab' and contains(., 'Artifacts')] | //a[contains(., 'Artifacts')]")
    click(browser, "//*[text()='figures']")
    click(browser, "//*[text()='loss.png']")
    WebDriverWait(browser, PATIENCE).until(
        lambda page: page.execute_script("return [...document.images].some(image => image.naturalWidth > 600)")
    )
    browser.get(run.link.partition("#")[0] + "#/models/simulated-segmentation")
    sees(browser, "challenger")
