"""What viewers do: the event's schema, its story, and the log that keeps it."""
