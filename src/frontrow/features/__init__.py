"""Each feature defined once, with its fold and its point-in-time view."""
