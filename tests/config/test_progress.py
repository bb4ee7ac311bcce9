from rojsat.config import progress


def test_a_long_step_is_named_on_a_terminal_alone(capsys, monkeypatch):
    progress.doing("reads the chips")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    progress.doing("reads the chips")
    assert capsys.readouterr().out == "reads the chips …\n"
