"""What `make` calls: the environment, the checks, the lock, the browser. None of it runs in production."""
