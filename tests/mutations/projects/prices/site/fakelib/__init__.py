"""A package that somebody else installed."""


def smooth(values):
    return values


def logged(function):
    def inner(*args):
        return function(*args)

    return inner
