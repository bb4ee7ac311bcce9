"""Chromium without a window, driven by its own driver."""

import shutil

import pytest
from selenium import webdriver


def binaries():
    """Paths of Chromium and its driver; skip where one of them is missing."""
    found = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not all(found):
        pytest.skip("no chromium or no chromedriver here")
    return found


def start(size, **capabilities):
    """Start a browser whose window has `size`, `width,height` in pixels; skip where there is none."""
    browser, driver = binaries()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={size}"):
        options.add_argument(flag)
    for name, value in capabilities.items():
        options.set_capability(name, value)
    return webdriver.Chrome(options, webdriver.ChromeService(driver))
