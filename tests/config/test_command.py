import subprocess
import sys

import pytest

from rojsat.config import compose


@pytest.mark.parametrize("wrong", ["exp=deeplab_rio6", "train.epoch=3"])
def test_the_command_fails_at_once_with_status_2(wrong):
    words = [wrong] if wrong.startswith("exp") else ["exp=deeplab_roi6", wrong]
    command = [sys.executable, "-m", "rojsat.run", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "Did you mean" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_lists_the_experiments():
    done = subprocess.run([sys.executable, "-m", "rojsat.run", "--help"], capture_output=True, text=True, check=True)
    assert "deeplab_roi6" in done.stdout
    for variant in compose.names("variant"):
        assert f"  {variant}\n      {compose.header(f'variant/{variant}').splitlines()[0]}" in done.stdout
