"""The calls of the API: each takes a decoded request and gives a record back."""
