"""What another policy would have earned, from what was served and with which probability."""
