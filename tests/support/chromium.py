"""Chromium without a window, driven by its own driver."""

import shutil

import pytest
from selenium import webdriver


def start(size, **capabilities):
    """Start a browser whose window has `size`, `width,height` in pixels; skip where there is none."""
    binaries = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not all(binaries):
        pytest.skip("no chromium or no chromedriver here")
    options = webdriver.ChromeOptions()
    options.binary_location = binaries[0]
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={size}"):
        options.add_argument(flag)
    for name, value in capabilities.items():
        options.set_capability(name, value)
    return webdriver.Chrome(options, webdriver.ChromeService(binaries[1]))
