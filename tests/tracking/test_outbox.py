import pytest

from rojsat.tracking.outbox import Outbox


@pytest.fixture
def box(tmp_path):
    return Outbox(tmp_path / "outbox" / "abc")


def test_records_come_out_in_order_with_their_files(box, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("a")
    box.put({"number": 1, "address": "here"}, tmp_path / "files")
    (tmp_path / "files" / "a.txt").write_text("changed later")
    box.put({"number": 2, "address": "here"})
    assert box.address() == "here"
    sent = []
    box.drain(
        lambda record, files: sent.append(
            (record["number"], (files / "a.txt").exists() and (files / "a.txt").read_text())
        )
    )
    assert sent == [(1, "a"), (2, False)]
    assert box.waiting() == []
    assert not box.folder.exists()


def test_what_fails_stays_and_what_was_sent_is_not_sent_again(box):
    for number in range(12):
        box.put({"number": number, "address": ""})
    sent = []

    def send(record, files):
        if record["number"] == 10 and len(sent) == 10:
            sent.append("failed")
            raise ConnectionError
        sent.append(record["number"])

    with pytest.raises(ConnectionError):
        box.drain(send)
    assert len(box.waiting()) == 2
    box.drain(send)
    assert sent == [*range(10), "failed", 10, 11]


def test_a_record_half_written_is_none(box):
    box.put({"number": 1, "address": ""})
    (box.folder / ".partial-00000002").mkdir()
    assert len(box.waiting()) == 1
    box.put({"number": 2, "address": ""})
    sent = []
    box.drain(lambda record, files: sent.append(record["number"]))
    assert sent == [1, 2]


def test_a_queue_knows_how_long_ago_it_was_tried(box):
    assert box.idle() == float("inf")
    box.put({"address": ""})
    assert box.idle() == float("inf")
    with pytest.raises(ConnectionError):
        box.drain(lambda record, files: (_ for _ in ()).throw(ConnectionError()))
    assert box.idle() < 60
