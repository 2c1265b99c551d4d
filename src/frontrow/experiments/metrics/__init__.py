"""What experiments measure: each metric defined once, folded from the service's own log."""
