"""Figures and images as artifacts."""

import pytest

from whence.artifacts import DataArtifact
from whence.errors import NotStorableError, UnreadableArtifactError
from whence.materializers import (
    FigureMaterializer,
    ImageMaterializer,
    Picture,
    PlotlyMaterializer,
    materializer_for,
)

PNG = b"\x89PNG\r\n"


@pytest.fixture
def place(tmp_path):
    """Return an artifact to write to."""
    return DataArtifact(tmp_path / "artifact")


def draw(values=(1, 3, 2)):
    """Return a Matplotlib figure of a line."""
    figure = pytest.importorskip("matplotlib.figure").Figure()
    figure.subplots().plot(values)
    return figure


def test_a_figure_is_kept_as_the_picture_that_it_draws(place):
    """It comes back as a picture that a notebook shows, or as its bytes."""
    materializer_for(type(draw())).write(draw(), place)

    picture = FigureMaterializer().read(place)

    assert picture.data.startswith(PNG)
    assert picture._repr_mimebundle_() == {"image/png": picture.data}
    assert FigureMaterializer().read(place, bytes) == picture.data
    assert len(repr(picture)) < 100


def test_equal_figures_are_equal_pictures():
    """So a step that draws the same again leaves what depends on it as it was."""
    encode = FigureMaterializer().encode

    assert encode(draw()) == encode(draw())
    assert encode(draw()) != encode(draw([3, 1, 2]))


def test_a_picture_is_no_figure(place):
    """Who asks for the figure itself is told that there is only what it drew."""
    FigureMaterializer().write(draw(), place)

    with pytest.raises(UnreadableArtifactError, match="no 'Figure' can be made"):
        FigureMaterializer().read(place, type(draw()))


def test_a_plotly_figure_comes_back(place):
    """Data and layout are the same; it is stored as JSON, without a script."""
    plotly = pytest.importorskip("plotly.graph_objects")
    figure = plotly.Figure(plotly.Scatter(x=[1, 2], y=[3.5, None]), {"title": {"text": "fit"}})

    materializer_for(type(figure)).write(figure, place)

    again = PlotlyMaterializer().read(place)
    assert type(again) is plotly.Figure
    assert again == figure
    assert PlotlyMaterializer().encode(again) == (place.path / "figure.json").read_bytes()
    assert b"<script" not in (place.path / "figure.json").read_bytes()


def test_a_file_that_is_no_plotly_figure_is_refused():
    """Damage is told as such, and so is another type that is asked for."""
    pytest.importorskip("plotly")
    for data in (b"", b"{", b"[]", b'{"data": [{"type": "none"}]}', b"\xff"):
        with pytest.raises(UnreadableArtifactError):
            PlotlyMaterializer().decode(data)
    with pytest.raises(UnreadableArtifactError, match="not a 'int'"):
        PlotlyMaterializer().decode(b"{}", int)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "I;16"])
def test_an_image_comes_back_pixel_for_pixel(place, mode):
    """Every mode that a PNG can hold comes back as it was."""
    image = pytest.importorskip("PIL.Image")
    original = image.new(mode, (5, 3), 1)

    materializer_for(type(original)).write(original, place)

    again = ImageMaterializer().read(place)
    assert type(again) is image.Image
    assert (again.mode, again.size, again.tobytes()) == (mode, (5, 3), original.tobytes())


def test_an_image_that_would_change_is_refused():
    """Modes that a PNG does not know are named, with the way out."""
    image = pytest.importorskip("PIL.Image")

    with pytest.raises(NotStorableError, match="'CMYK'"):
        ImageMaterializer().encode(image.new("CMYK", (1, 1)))
    clear = image.new("RGB", (1, 1))
    clear.info["transparency"] = (0, 0, 0)
    with pytest.raises(NotStorableError):
        ImageMaterializer().encode(clear)


def test_a_damaged_image_is_told_as_such():
    """What is no PNG, or half of one, is unreadable."""
    image = pytest.importorskip("PIL.Image")
    whole = ImageMaterializer().encode(image.new("L", (64, 64)))

    for data in (b"", PNG, whole[: len(whole) // 2], b"GIF89a" + bytes(20)):
        with pytest.raises(UnreadableArtifactError):
            ImageMaterializer().decode(data)
    with pytest.raises(UnreadableArtifactError, match="not a 'int'"):
        ImageMaterializer().decode(whole, int)


def test_a_picture_says_what_it_is():
    """Its bytes are not printed."""
    assert repr(Picture(b"x")) == "Picture(media_type='image/png')"
