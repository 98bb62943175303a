"""Loads the packages that a materializer needs, and says how to install one that is missing."""

from importlib import import_module
from typing import Any

from whence.errors import MissingPackageError


def load_optional(module: str, extra: str, subject: str) -> Any:
    """Return the module, typed as anything: the packages behind it are optional.

    Raises `MissingPackageError`, which names the extra that brings the package.
    """
    return load_package(module, subject, f"whence[{extra}]")


def load_package(module: str, subject: str, requirement: str | None = None) -> Any:
    """Return the module of a package that is no extra of Whence's; raises as `load_optional`."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = error.name or module
        raise MissingPackageError(
            subject=subject, package=package, requirement=requirement or package
        ) from error
