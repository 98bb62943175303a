"""The collector is held back while graphs are made, and is as it was afterwards."""

import gc
import threading

import pytest

from whence.domain.collector import CollectorHold, release_collector


def test_nothing_is_collected_in_the_block():
    """Also in blocks within it, and not longer than the outermost."""
    with CollectorHold():
        with CollectorHold():
            assert not gc.isenabled()
        assert not gc.isenabled()

    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    """Who switched it off has a reason."""
    gc.disable()
    try:
        with CollectorHold():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_an_error_lets_it_go_on():
    """However the block ends."""
    with pytest.raises(ZeroDivisionError), CollectorHold():
        _ = 1 / 0

    assert gc.isenabled()


def test_blocks_of_several_threads_may_overlap():
    """The last one that ends lets the collector go on."""
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with CollectorHold():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    with CollectorHold():
        thread.start()
        entered.wait(10)
    assert not gc.isenabled()
    leave.set()
    thread.join()

    assert gc.isenabled()


def test_a_hold_can_be_ended_before_its_block():
    """The innermost one of this thread; outer ones go on, and ending it twice changes nothing."""
    with CollectorHold():
        with CollectorHold():
            release_collector()
            release_collector()
            assert not gc.isenabled()
        release_collector()
        assert gc.isenabled()

    release_collector()
    assert gc.isenabled()
