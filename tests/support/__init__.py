"""What several tests share: small stores, archives, products, servers."""
