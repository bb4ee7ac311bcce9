"""A physically plausible landscape, its sky, its satellite and its workers, all drawn from one seed."""
