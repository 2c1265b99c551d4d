"""What a moment makes of titles: hour and device (`context`), and what was watched before (`succession`)."""
