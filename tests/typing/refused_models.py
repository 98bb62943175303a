"""Wrong uses of models and earlier results, of which checkers must object to every one."""
# The lines are there for what checkers say of them.

import whence
from whence.gates import better_than

whence.model()  # refused: which?
whence.model(3)  # refused: a model has a name
whence.model("delay").raed()  # refused: no such method
whence.model("delay").number + "1"  # refused: a number is no text
whence.artifact("prepare/means").raed()  # refused: no such method
whence.promote("delay", 3, "champion")  # refused: the alias is named
whence.promote("delay", 3.5)  # refused: half a version
whence.promote("delay", 3, gate="better")  # refused: a text is no gate
whence.promote("delay", 3, gate=lambda candidate: True)  # refused: a gate takes two
whence.rollback()  # refused: of what?
better_than()  # refused: which metric?
