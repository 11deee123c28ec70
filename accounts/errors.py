"""What a service tells the person whose request cannot be done."""


class ServiceError(Exception):
    """The request cannot be done; the message says why and what to do, in words for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
