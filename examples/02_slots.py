"""A slot takes any step with the same interface, bare or with arguments bound."""

from statistics import fmean, median

import whence
from whence import Step, pipeline, step


@step
def draw(seed: int = 0, size: int = 9) -> list[float]:
    """Make numbers, one of them far off."""
    numbers = [float((seed + 7 * position) % 10) for position in range(size)]
    return [*numbers, 1000.0]


@step
def middle(numbers: list[float]) -> float:
    """Return the mean."""
    return fmean(numbers)


@step
def robust_middle(numbers: list[float]) -> float:
    """Return the median."""
    return float(median(numbers))


@step
def trimmed_middle(numbers: list[float], share: float) -> float:
    """Return the mean without the share at each end."""
    cut = int(len(numbers) * share)
    return fmean(sorted(numbers)[cut : len(numbers) - cut])


@pipeline
def summarize(summary: Step[middle] = middle) -> float:
    """Fill `summary` with any step that takes numbers and gives one."""
    return summary(draw())


def main() -> None:
    """Fill the slot in three ways."""
    default = summarize()
    bare = summarize(summary=robust_middle)
    configured = summarize(summary=trimmed_middle.bind(share=0.2))
    print(whence.compare(default, bare, configured))
    print("values:", default.read(), bare.read(), configured.read())


if __name__ == "__main__":
    main()
