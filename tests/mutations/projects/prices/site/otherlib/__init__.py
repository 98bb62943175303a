"""Another package that somebody else installed."""


def draw(values):
    return values
