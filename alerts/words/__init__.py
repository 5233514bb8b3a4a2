"""What is said on the screen, worked out from stored facts."""
