"""A missing package is named together with the extra that brings it."""

import pytest

from whence.errors import MissingPackageError
from whence.materializers.optional_packages import load_optional


def test_missing_package_names_its_extra():
    """Who lacks a package is told which extra of Whence installs it."""
    with pytest.raises(MissingPackageError, match=r"whence\[sklearn\]"):
        load_optional("no_such_package_anywhere", "sklearn", "SklearnMaterializer")
