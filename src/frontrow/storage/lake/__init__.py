"""The log's events by day of arrival as a Delta Lake table, which training and analysts read: docs/adr/0014."""
