"""What goes wrong on purpose."""


class BakeError(Exception):
    """What was wrong, where, and what would be right."""


class Cancelled(BakeError):
    """The user gave up."""
