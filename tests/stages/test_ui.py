"""The MLflow UI, clicked through as a person would: what they look for must be there without being searched for."""

import json
import re
import signal
import socket
import subprocess
import sys

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import WebDriverWait

from rojsat.config import compose
from rojsat.config.keys import ConfigError
from rojsat.stages import figures, train, ui
from rojsat.tracking import links, recorder
from tests.support import chromium
from tests.support.ports import free_port

pytestmark = pytest.mark.slow

SETTINGS = ["exp=unet_roi6", "train.epochs=2", "train.threads=1", "model.options.depth=1", "model.options.decoder=[8]"]
LEAKING = ["exp=unet_dates", *SETTINGS[1:]]
PATIENCE = 60

SERVE = """
import sys
from pathlib import Path
from rojsat.config import compose
from rojsat.stages import ui
from rojsat.tracking import links, recorder
compose.ROOT = Path(sys.argv[1])
recorder.STORE = compose.ROOT / "mlruns"
del sys.argv[1]
ui.main()
"""


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
def served(at):
    """Three runs and one that leaks, the first with its figures, in a UI: the id of the first, what `ui` prints."""
    for words in (*([*SETTINGS, f"seed={seed}"] for seed in range(3)), LEAKING):
        train.run(compose.parse(words))
    figures.run(compose.parse([*SETTINGS, "seed=0"]))
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(at), f"port={free_port()}"], stdout=subprocess.PIPE, text=True
    )
    printed = []
    for line in process.stdout:
        printed.append(line)
        if line.startswith("Ctrl-C"):
            break
    yield (
        json.loads((compose.report_folder(compose.parse([*SETTINGS, "seed=0"])) / "run.json").read_text())["run"],
        "".join(printed),
    )
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def test_a_person_finds_table_comparison_figure_and_model(served, browser):
    run_id, printed = served
    run = recorder.find(run_id)
    assert re.search(r"segmentation +(\S+)", printed)[1] == run.table
    browser.get(run.table)
    titles = [compose.run_name(compose.parse([*SETTINGS, f"seed={seed}"])) for seed in range(3)]
    leaking = compose.run_name(compose.parse(LEAKING))
    for text in (*titles, "tested on", "leak", "test/skill", "test/iou_above_prev", "controls/false_positive"):
        sees(browser, text)
    assert leaking not in browser.find_element(By.TAG_NAME, "body").text
    for title in titles:
        row = f"//a[contains(., '{title}')]/ancestor::*[@role='row'][1]"
        click(browser, f"{row}//*[contains(@class, 'ag-selection-checkbox')]")
    click(browser, "//button[contains(., 'Compare')]")
    sees(browser, "Comparing 3 Runs")
    sees(browser, "Run details")
    browser.get(run.table)
    click(browser, "//a[contains(., 'All runs')]")
    WebDriverWait(browser, PATIENCE).until(expected.number_of_windows_to_be(2))
    browser.switch_to.window(browser.window_handles[-1])
    sees(browser, leaking)
    browser.get(run.link)
    sees(browser, "region 6 to test, a region not trained on")
    click(browser, "//*[@role='tab' and contains(., 'Artifacts')] | //a[contains(., 'Artifacts')]")
    click(browser, "//*[text()='figures']")
    click(browser, "//*[text()='loss.png']")
    WebDriverWait(browser, PATIENCE).until(
        lambda page: page.execute_script("return [...document.images].some(image => image.naturalWidth > 600)")
    )
    browser.get(links.model("simulated-segmentation"))
    for text in ("challenger", "without image", "the mean of training"):
        sees(browser, text)


def test_a_port_in_use_is_refused_with_one_that_is_free(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(recorder, "STORE", tmp_path)
    (tmp_path / "mlflow.db").touch()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} is in use.*make ui PORT=\d+"):
            ui.run([f"port={port}"])


@pytest.mark.parametrize("words", [["port=80"], ["port=x"], ["5001"]])
def test_a_port_that_is_none_is_refused(at, words):
    with pytest.raises(ConfigError, match="it takes port=NUMBER, 1024 to 65535"):
        ui.run(words)


def test_without_a_run_there_is_nothing_to_serve(at, tmp_path, monkeypatch):
    monkeypatch.setattr(recorder, "STORE", tmp_path)
    with pytest.raises(ConfigError, match="rojsat run exp=unet_roi6"):
        ui.run([])
