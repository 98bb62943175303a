"""A store cannot give or keep what it should, WH5xx."""

from whence.errors.whence_error import WhenceError


class StoreError(WhenceError):
    """A store cannot give or keep what it should."""


class IntegrityError(StoreError):
    """Stored bytes are not those that were recorded."""

    code = "WH501"
    what = "The content {digest} does not verify."
    why = "{reason}"
    fix = "Run the step that made it again."


class ContentMissingError(StoreError):
    """Recorded bytes are gone."""

    code = "WH502"
    what = "The content {digest} is not in the artifact store."
    why = "{reason}"
    fix = "Restore the store's files, or run the step that made it again."


class ContentCollectedError(ContentMissingError):
    """Recorded bytes were deleted by `whence gc`, or given up by `whence doctor`."""

    code = "WH505"
    what = "The content {digest} was deleted by gc or doctor on {moment}."
    why = "Nothing that was kept needed it, or it was damaged. Its records are still there."
    fix = "Run the step that made it again: `whence lineage` tells which, and from what."


class StoreUnavailableError(StoreError):
    """A store cannot be opened or written."""

    code = "WH503"
    what = "The {store} at {location} cannot be {act}."
    why = "{reason}"
    fix = "{cure}"


class NewerStoreError(StoreError):
    """A store was written by a newer Whence."""

    code = "WH504"
    what = "The metadata store at {location} has schema {found}; this Whence knows up to {known}."
    why = "A newer Whence has written it."
    fix = "Upgrade: pip install --upgrade whence"


class ForeignStoreError(StoreError):
    """A place is no store whose records could be taken over."""

    code = "WH506"
    what = "The store at {location} cannot be merged."
    why = "{reason}"
    fix = "Name the home of another store, such as ../other/.whence, or what `whence export` wrote."


class HousekeepingGoesOnError(StoreError):
    """Another process deletes or repairs something in the same store."""

    code = "WH507"
    what = "Another `whence gc` or `whence doctor --repair` is at work in {location}."
    why = "It is process {process}."
    fix = "Wait until it is done."
