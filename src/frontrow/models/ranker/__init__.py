"""The learned ranker: what the blend puts forward, ranked again by a small network that knows the moment."""
