"""Who is asked about the past, and what came then: what everything that joins the sources is learned from."""
