"""Running it: what is wrong and how to mend it, what is wired and live."""
