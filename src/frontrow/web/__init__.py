"""The viewer page: what a viewer of the service sees, drawn on the server, made lively by small modules."""
