"""The estimate for a country: its sums, its page, its keys."""

import re

import pytest

from bench.scale import limits, money, page, quantities, walls, workload
from bench.scale.__main__ import PAGE, main
from rojsat.config import compose

CALM = ["failure_days=0", "slow_share=0", "sigma=0", "archive_gb_second=1e9"]
"""No failures, no slow machines, equal jobs, an archive that is never waited for."""


@pytest.fixture(scope="module")
def of():
    return quantities.values()


@pytest.mark.parametrize("machines", [1, 10])
def test_in_a_calm_world_each_step_takes_its_rounds_of_equal_jobs(machines):
    of = quantities.values(CALM)
    country = walls.simulate(of, machines, seed=0)
    for step in workload.steps(of):
        rounds = -(-step.jobs // (machines * (16 // step.cores)))
        commits = step.jobs * step.commit_seconds
        bare = rounds * step.core_seconds / step.cores
        assert bare - 1e-6 <= country.outcomes[step.name].wall <= bare + commits + 1e-3, step.name
    assert country.twice == 0


@pytest.mark.parametrize("machines", [1, 10, 100])
def test_no_step_is_faster_than_it_can_be(of, machines):
    country = walls.simulate(of, machines, seed=0)
    for step in workload.steps(of):
        if step.jobs > 1:  # of a single job the draw decides
            assert country.outcomes[step.name].wall > 0.95 * walls.least(step, of, machines), step.name


def test_the_sums_follow_from_the_numbers():
    of = quantities.values(["tiles=2", "dates=3", "stands=100", "clear_share=0.5", "product_gb=0.5", "chip_side=10"])
    of |= {"chip_pixel_bytes": 20, "chunk_chips": 16, "arrays": 4}
    assert workload.products(of) == 6
    assert workload.chips(of) == 150
    assert workload.store_gb(of) == pytest.approx(150 * 100 * 20 / 1e9)
    assert workload.objects(of) == pytest.approx(37.5)
    assert workload.objects_of_an_epoch(of) == pytest.approx(37.5)  # more chips are trained on than there are
    cut = workload.steps(of)[2]
    assert cut.jobs * cut.core_seconds == pytest.approx(
        6 * of["product_pixels"] * of["samples_a_pixel"] * of["decode_sample"] + 150 * of["cut_chip"]
    )
    networks = sum(workload.steps(of)[number].core_hours for number in (4, 5))
    assert workload.network_core_hours(of) < networks  # the rest decodes and opens the index


def test_chips_that_lie_apart_are_read_with_their_chunks(of):
    chips = workload.training_chips(of)
    assert 0.97 * chips * of["arrays"] < workload.objects_of_an_epoch(of) < chips * of["arrays"]


def test_prices_and_hours_make_the_money(of):
    double = money.rows(quantities.values([f"price_core_hour={2 * of['price_core_hour']}"]))
    once = money.rows(of)
    assert once[0]["EUR"] == pytest.approx(once[0]["amount"] * of["price_core_hour"])
    assert [two["EUR"] / one["EUR"] for one, two in zip(once, double, strict=True)] == pytest.approx(
        [2, 1, 2, 1, 1, 1, 1, 1]
    )
    assert once[1]["amount"] * of["gpu_cores"] + once[2]["amount"] == pytest.approx(once[0]["amount"])


@pytest.mark.parametrize("trainings", [1, 1000])
def test_a_database_takes_what_trainings_give_until_it_takes_no_more(of, trainings):
    service, epoch = 0.05, 5.0
    rate = limits.recorded(of, trainings, service, epoch)
    assert rate == pytest.approx(min(trainings / (epoch + service), 1 / service), rel=0.03)


def test_limits_stand_in_the_sequence_in_which_they_end(of):
    shares = [row["the country"] / row["ends at"] for row in limits.rows(of)]
    assert shares == sorted(shares, reverse=True)
    assert [limit.country / limit.ends_at for limit in limits.limits(of)] == shares


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("tile=3", "there is no quantity 'tile'; there are .*tiles"),
        ("tiles", "a number is needed, such as tiles=70"),
        ("tiles=many", "a number is needed"),
        ("tiles=-1", "must be above 0$"),
        ("tiles=0", "must be above 0$"),
        ("tiles=nan", "must be above 0$"),
        ("sigma=-1", "must be above 0 or 0$"),
    ],
)
def test_a_word_that_is_no_quantity_is_refused(word, message):
    with pytest.raises(ValueError, match=message):
        quantities.values([word])


def test_a_country_without_maps_failures_and_prices_has_all_tables():
    zero = [f"{name}=0" for name in quantities.values() if name.startswith(quantities.NONE_AT_ALL)]
    of = quantities.values([*zero, "tiles=2", "stands=500", "labelled_stands=20", "machine_cores=8"])
    by_name = page.tables(of, walls.simulations(of, seeds=1))
    assert {row["EUR"] for row in by_name["money"]} == {0}
    assert all(page.markdown(rows) for rows in by_name.values())


def test_other_numbers_are_not_written_into_the_page(tmp_path):
    with pytest.raises(ValueError, match="leave one of the two"):
        main(["tiles=3"], True, tmp_path / "scale.json")


def test_every_unit_cost_names_a_section_and_every_assumption_a_source():
    headings = re.findall(r"^##+ (.+)$", (compose.ROOT / "docs" / "benchmarks.md").read_text(), re.MULTILINE)
    costs, assumed = quantities.load("unit_costs"), quantities.load("assumptions")
    assert {cost.benchmark for cost in costs.values()} <= set(headings)
    assert all(row.source and row.benchmark is None for row in assumed.values())
    assert not set(costs) & set(assumed)


def test_every_quantity_decides_something():
    code = "".join(path.read_text() for path in sorted((compose.ROOT / "bench" / "scale").glob("*.py")))
    assert [name for name in quantities.values() if f'of["{name}"]' not in code] == []


def test_a_page_with_other_tables_is_refused():
    with pytest.raises(ValueError, match=r"the page has tables \[\]"):
        page.fill("# A page\n", {"answers": [{"a": 1}]})


@pytest.mark.slow
def test_the_page_is_what_the_command_prints(of):
    text = PAGE.read_text()
    assert page.fill(text, page.tables(of, walls.simulations(of))) == text
