"""What the rooms keep things in, behind the protocols that the rooms state."""
