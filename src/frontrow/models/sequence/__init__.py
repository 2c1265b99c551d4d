"""A causal transformer over what a viewer watched: trained with JAX, served with numpy."""
