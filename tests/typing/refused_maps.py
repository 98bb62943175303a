"""Wrong maps, of which checkers must object to every one."""
# ruff: noqa: B018  # The lines are there for what checkers say of them.

from pathlib import Path

from accepted_everyday import fit, load
from accepted_maps import add_up, count, double_square, square

from whence import pipeline


@pipeline
def wrong_maps(sizes: list[int]) -> int:
    square.map()  # refused: there is nothing to spread
    square.map(3)  # refused: a number is no list
    square.map(n=[1, 2])  # refused: lists go by position
    square(square.map(sizes))  # refused: a list is no number
    count(square.map(sizes))  # refused: numbers are no frames
    add_up(load.map([Path("a.csv")]))  # refused: frames are no numbers
    fit.map(square)  # refused: a step is no list
    add_up(double_square.map(5))  # refused: a number is no list
    double_square.map(sizes).result  # refused: a list has no such attribute
    return square.map(sizes)  # refused: a list is no number
