"""Every test may interrupt itself and its children, also where the shell that started pytest ignores the interrupt."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell leaves it to a job in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
