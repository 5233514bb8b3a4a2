"""The servers that come with Vigil, for `make run` and `make test`: PostgreSQL and a Redis-compatible broker."""
