"""`python -m frontrow`."""

from frontrow.cli.main import main

main()
