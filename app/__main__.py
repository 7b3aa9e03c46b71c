"""The `opinion` program, also as `python -m app`."""

from __future__ import annotations

import signal


def main() -> None:
    """Runs the command line. Ctrl-C ends the program without a traceback also while its modules are being loaded."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # under nohup it is ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from app.commands.main import main as command

    signal.signal(signal.SIGINT, handler)
    command()


if __name__ == "__main__":
    main()
