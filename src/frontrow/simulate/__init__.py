"""A synthetic streaming service: titles, viewers and what they watch, with structure that can be learned."""
