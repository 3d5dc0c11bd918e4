"""Measured against peers in one run: `make bench` prints the tables, `--write` keeps them."""
