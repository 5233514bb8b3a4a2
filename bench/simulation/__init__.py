"""A month of a made-up clinic on a simulated clock: real services and database, made-up people, crashes at random."""
