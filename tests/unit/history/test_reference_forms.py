"""The forms in which people name an earlier result."""

import pytest

from whence.domain.earlier_results import tell_change
from whence.history.references.forms import (
    ArtifactReference,
    BareReference,
    ModelReference,
    parse_reference,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("prepare/means", ArtifactReference("prepare", "means")),
        ("prepare/inner.fit.model", ArtifactReference("prepare", "inner.fit.model")),
        ("prepare/means@1a2b3c", ArtifactReference("prepare", "means", "1a2b3c")),
        ("prepare/means@a@b/c", ArtifactReference("prepare", "means", "a@b/c")),
        ("prepare/", ArtifactReference("prepare", "")),
        ("delay@champion", ModelReference("delay", "champion")),
        ("a@b@3", ModelReference("a@b", "3")),
        ("delay", BareReference("delay")),
        ("", BareReference("")),
    ],
)
def test_a_form_is_told_by_its_signs(text, meant):
    """A slash names an output of a pipeline, the last sign of a model its version."""
    assert parse_reference(text) == meant


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "delay@champion = version 3 (run a)",
            "delay@champion = version 4 (run b)",
            "delay@champion was version 3, is 4",
        ),
        ("p/x = x (run a)", "p/x = x (run b)", "p/x was x (run a), is x (run b)"),
        ("p/x = x (run a)", "p/y = y (run b)", None),
        ("p/x = x (run a)", "p/x = x (run a)", None),
        ("fit.model", "delay = version 1 (run a)", None),
    ],
)
def test_a_name_that_means_another_is_told_so(old, new, told):
    """Versions by their numbers, other results by their runs."""
    assert tell_change(old, new) == told
