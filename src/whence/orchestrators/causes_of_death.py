"""Why a worker process died, in words."""

import signal

_MEANINGS = {
    "SIGSEGV": "native code touched memory that is not its own",
    "SIGBUS": "native code touched memory that is not there; a mapped file may have been cut",
    "SIGFPE": "native code divided by zero",
    "SIGILL": "native code asked for what this processor cannot do",
    "SIGABRT": "native code gave up",
    "SIGXCPU": "it used more processor time than its limit allows",
    "SIGXFSZ": "it wrote a file larger than its limit allows",
}
_MAY_BE_MEMORY = "the system may have run out of memory"
_WAS_MEMORY = "the system ran out of memory, or the control group reached its limit"


def explain_death(returncode: int | None, memory_kills: int) -> str:
    """Return a sentence on how a process ended.

    *returncode* is as `Popen` tells it; *memory_kills* says how many processes around it the kernel
    has killed for lack of memory in the meantime.
    """
    if returncode is None:
        return "Its process is gone; how it ended was told to another part of this program."
    if returncode >= 0:
        return f"Its process ended by itself, with exit code {returncode}."
    name = _name(-returncode)
    meaning = _MEANINGS.get(name)
    if name == "SIGKILL":
        meaning = _WAS_MEMORY if memory_kills else _MAY_BE_MEMORY
    said = f"Its process was killed by signal {-returncode} ({name})"
    return f"{said}: {meaning}." if meaning else f"{said}."


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "a real-time signal"
