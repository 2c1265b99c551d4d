"""The command `frontrow`, and `python -m frontrow`."""

import sys


def main() -> None:
    """Runs the command line; Ctrl-C while it is still loading ends in a word too."""
    try:
        from frontrow.cli.main import main as run  # late: loading takes a moment in which one may interrupt

        run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
