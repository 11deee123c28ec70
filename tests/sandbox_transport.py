"""Runs the real API client against a sandbox without a network."""

import httpx

from subscriptions.sandbox import Reply, Sandbox

ENDPOINT = "/products/!ACMEAdmin"


def sandbox_transport(sandbox: Sandbox, *, secure: bool = True) -> httpx.MockTransport:
    """A transport whose other end is the sandbox.

    Cuts raise ReadError, a connection never made ConnectError. Nothing sleeps: a delay longer than the request's read
    time-out raises ReadTimeout at once, as does a change made after the caller gave up (made here before raising,
    unless the fault holds it for `sandbox.release()`).
    """

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path != ENDPOINT or request.method != "POST":
            return httpx.Response(404 if request.url.path != ENDPOINT else 405, request=request)
        content_type = request.headers.get("Content-Type", "")
        reply = sandbox.handle_admin(request.content, content_type=content_type, secure=secure)
        return _response(request, reply)

    return httpx.MockTransport(handle)


def _response(request: httpx.Request, reply: Reply) -> httpx.Response:
    if reply.late is not None:
        reply.late()
        raise httpx.ReadTimeout("the read operation timed out", request=request)
    if reply.unreachable:
        raise httpx.ConnectError("connection refused", request=request)
    if reply.cut:
        raise httpx.ReadError("connection reset by peer", request=request)
    read_timeout = request.extensions.get("timeout", {}).get("read")
    if read_timeout is not None and reply.delay >= read_timeout > 0:
        raise httpx.ReadTimeout("the read operation timed out", request=request)
    return httpx.Response(reply.status, headers=reply.headers, content=reply.body, request=request)
