"""From an experiment's design and the metric tables to a reading, and from a service's past to a plan."""
