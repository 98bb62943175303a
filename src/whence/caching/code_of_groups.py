"""The code that worker processes get, told by its digest: is it what is loaded here?"""

from whence.caching.own_code import find_boundary
from whence.caching.own_materializers import find_own_materializers
from whence.fingerprint.compute import compute_fingerprint
from whence.graph.interface import StepSpec
from whence.interfaces.orchestrator import CodeRules


def is_own_module(name: str) -> bool:
    """Return whether a module is the user's own code, which may have changed since its import."""
    return find_boundary().of_module(name).is_own


def digest_group(members: tuple[object, ...]) -> str | None:
    """Return the digest of the code of a step, with which a group begins; None for other groups.

    Two processes give the same digest exactly when the step's function, all that it reaches and
    the user's own materializers of its outputs are the same in both.
    """
    step = members[0]
    if not isinstance(step, StepSpec):
        return None
    own = tuple(find_own_materializers(step))
    return compute_fingerprint(step.fn, extra=own, boundary=find_boundary()).digest


CODE_RULES = CodeRules(is_own_module, digest_group)
"""What an orchestrator is told of code."""
