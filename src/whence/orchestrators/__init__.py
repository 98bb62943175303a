"""Where steps execute: `in_process` runs them here, one after the other."""
