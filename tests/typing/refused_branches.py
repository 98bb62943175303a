"""Wrong branches and wrong maps of which items may fail; checkers must object to every one."""

from accepted_branches import count, double, is_large
from accepted_maps import add_up

from whence import pipeline, when


@pipeline
def wrong_branches(n: int) -> int:
    with when(double(n)):  # refused: a number is no truth value
        double(n)
    with when(is_large(n), False):  # refused: what the flag is to be goes by keyword
        double(n)
    with when():  # refused: there is no flag
        double(n)
    add_up(double.with_options(allow_failures=1).map([1]))  # refused: some numbers may be missing
    double.with_options(allow_failures="all")  # refused: a text is no allowance
    return count(double.map([n]))  # refused: a list of int is not one of int or None, which grows
