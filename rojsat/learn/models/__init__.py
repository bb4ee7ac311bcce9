"""Networks: each module is one network."""
