import pytest

from rojsat.learn.data import batches


@pytest.mark.parametrize(
    ("count", "batch_size", "sizes"),
    [
        (18, 16, [9, 9]),
        (35, 16, [12, 12, 11]),
        (20, 16, [16, 4]),  # a quarter is enough
        (17, 16, [16]),
        (2, 16, [2]),
        (3, 1, [1, 1, 1]),
        (130, 64, [44, 43, 43]),
        # the study's experiments, whose batches stay as they were
        (137, 16, [16] * 8 + [9]),
        (1831, 16, [16] * 114 + [7]),
        (36, 8, [8] * 4 + [4]),
        (42, 8, [8] * 5 + [2]),
        (66, 8, [8] * 8 + [2]),
        (41, 8, [8] * 5),
    ],
)
def test_a_last_batch_below_a_quarter_is_spread_and_one_of_one_left_out(count, batch_size, sizes):
    divided = batches.divide(range(count), batch_size)
    assert [len(batch) for batch in divided] == sizes
    assert [key for batch in divided for key in batch] == list(range(count))[: sum(sizes)]
