"""A country on paper: what it reads, computes and costs, and how long it takes, from measured unit costs."""
