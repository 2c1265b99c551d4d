"""What an experiment is: stated before it starts, and kept as it was stated."""
