"""The program inside an execution environment: it loads a handler and speaks the Lambda Runtime API.

It runs by path as a child process and uses the standard library only: it must not import the package it lies in.
Payloads and log lines follow AWS's own Python runtime client, beside which the tests run it. Two differences: a Decimal
is encoded as a float, and a namedtuple as an array.
"""

import _thread
import decimal
import importlib
import json
import logging
import os
import signal
import socket
import sys
import time
import traceback
from types import SimpleNamespace, TracebackType
from typing import Any, NoReturn, cast

# A carriage return keeps a message of several lines in one log event; the supervisor turns it back.
LINE_JOINT = "\r"
W3C_FIELDS = ("traceparent", "tracestate", "baggage")


class RuntimeFaultError(Exception):
    """An error of the runtime's own making, with the type the platform documents."""

    def __init__(self, error_type: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.trace = trace or []


class RuntimeClient:
    """The Runtime API over one kept connection; a plain socket, because http.client would double the init time."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def next(self) -> tuple[dict[str, str], bytes]:
        """Wait for the next invocation: its headers, with names in lower case, and its event."""
        return self._exchange("GET", "invocation/next")

    def post(self, path: str, body: bytes, error_type: str | None = None) -> None:
        """Hand back a response or an error."""
        self._exchange(
            "POST", path, body, f"Lambda-Runtime-Function-Error-Type: {error_type}\r\n" if error_type else ""
        )

    def _exchange(self, method: str, path: str, body: bytes = b"", more: str = "") -> tuple[dict[str, str], bytes]:
        head = f"{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: runtime\r\nContent-Length: {len(body)}\r\n"
        self._socket.sendall(f"{head}{more}\r\n".encode() + body)
        if not self._reader.readline():
            sys.exit("the Runtime API is gone")
        headers: dict[str, str] = {}
        while line := self._reader.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return headers, self._reader.read(int(headers["content-length"]))


class Context:
    """The second argument of a handler."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers["lambda-runtime-invoked-function-arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self.tenant_id = None
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])
        given: Any = json.loads(headers.get("lambda-runtime-client-context", "null"))
        w3c = given.get("w3c") if given else None
        self._w3c = cast("dict[str, Any]", w3c) if isinstance(w3c, dict) else {}
        self.client_context = _client_context(given)

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the platform ends this invocation."""
        return max(0, self._deadline_ms - int(time.time() * 1000))

    def w3c(self) -> dict[str, str]:
        """The W3C trace context that came in the client context."""
        return {key: self._w3c[key] for key in W3C_FIELDS if isinstance(self._w3c.get(key), str)}

    def log(self, message: object) -> None:
        """Write to the log as it stands."""
        sys.stdout.write(str(message))


def _client_context(given: Any) -> SimpleNamespace | None:
    if given is None:
        return None
    names = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
    client = given.get("client")
    return SimpleNamespace(
        custom=given.get("custom"),
        env=given.get("env"),
        client=None if client is None else SimpleNamespace(**{name: client.get(name) for name in names}),
    )


def _jsonable(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.decode()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def to_json(value: Any) -> str:
    """JSON as the runtime writes it: text beyond ASCII is not escaped."""
    return json.dumps(value, default=_jsonable, ensure_ascii=False)


class LogHandler(logging.Handler):
    """Python logging to standard output, in the text or JSON form of the platform."""

    request_id = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record as one log event."""
        as_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
        write_event(self._as_json(record) if as_json else self._as_text(record))

    def _as_text(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        message = logging.Formatter().format(record)
        return f"[{record.levelname}]\t{when}.{int(record.msecs):03d}Z\t{self.request_id}\t{message}"

    def _as_json(self, record: logging.LogRecord) -> str:
        message: Any = record.msg  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - any object
        entry: dict[str, Any] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": message if isinstance(message, dict) and not record.args else record.getMessage(),
            "logger": record.name,
            "requestId": self.request_id,
        }
        if record.exc_info and record.exc_info[0]:
            entry["errorType"] = record.exc_info[0].__name__
            entry["errorMessage"] = str(record.exc_info[1])
            entry["stackTrace"] = traceback.format_tb(record.exc_info[2])
        return json.dumps(entry, ensure_ascii=False, default=str)


def write_event(text: str) -> None:
    """Write one log event, whatever lines and characters it holds."""
    printable = text.encode("utf-8", "backslashreplace").decode()
    sys.stdout.write(LINE_JOINT.join(printable.splitlines()) + "\n")


def error_payload(error: Exception, request_id: str = "") -> dict[str, Any]:
    """The payload a caller sees for an unhandled exception; the frames of this file are left out."""
    if isinstance(error, RuntimeFaultError):
        return _payload(str(error), error.error_type, error.trace, request_id)
    return _payload(str(error), type(error).__name__, _stack(error.__traceback__), request_id)


def _payload(message: str, error_type: str, stack: list[str], request_id: str) -> dict[str, Any]:
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": stack}


def _stack(trace: TracebackType | None) -> list[str]:
    # Tuples, because whole frames would be printed with rows of carets, which the real client does not send.
    frames = [(frame.filename, frame.lineno or 0, frame.name, frame.line) for frame in traceback.extract_tb(trace)]
    first = next((i for i, frame in enumerate(frames) if "/bootstrap.py" not in frame[0]), 0)
    return traceback.format_list(frames[first:])


def log_error(payload: dict[str, Any]) -> None:
    """Write an unhandled exception to the log."""
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        write_event(to_json({"timestamp": now, "level": "ERROR", **payload}))
        return
    heading = ": ".join(part for part in (payload["errorType"], payload["errorMessage"]) if part)
    lines = [f"[ERROR] {heading}", "Traceback (most recent call last):"]
    for line in "".join(f"{part.rstrip()}\n" for part in payload["stackTrace"]).splitlines():
        text = line.lstrip(" ")
        lines.append("\N{NO-BREAK SPACE}" * (len(line) - len(text)) + text)
    write_event("\n".join(lines))


def load_handler(name: str) -> Any:
    """Import the handler `module.function`; every way this can go wrong has its own documented error type."""
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        message = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise RuntimeFaultError("Runtime.MalformedHandlerName", message)
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise RuntimeFaultError("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise RuntimeFaultError(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
        ) from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        message = f"Syntax error in module '{module_name}': {error}"
        raise RuntimeFaultError("Runtime.UserCodeSyntaxError", message, trace) from error
    if not hasattr(module, function_name):
        raise RuntimeFaultError(
            "Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'"
        )
    return getattr(module, function_name)


def handle(handler: Any, headers: dict[str, str], event: bytes) -> bytes:
    """Call the handler once and encode what it returns."""
    context = Context(headers)
    try:
        value = json.loads(event)
    except ValueError as error:
        raise RuntimeFaultError("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error
    result = handler(value, context)
    if isinstance(result, bytes):
        return result
    try:
        return to_json(result).encode()
    except Exception as error:
        raise RuntimeFaultError("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def serve(client: RuntimeClient, handler: Any, log: LogHandler) -> NoReturn:
    """Run invocations one after another until the process is ended."""
    while True:
        headers, event = client.next()
        log.request_id = headers["lambda-runtime-aws-request-id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers["lambda-runtime-trace-id"]
        try:
            result = handle(handler, headers, event)
        except Exception as error:  # a function may raise anything, and its caller must see it
            payload = error_payload(error, log.request_id)
            log_error(payload)
            client.post(f"invocation/{log.request_id}/error", to_json(payload).encode(), payload["errorType"])
        else:
            client.post(f"invocation/{log.request_id}/response", result)


def die_with_parent(lifeline: int) -> None:
    """End the whole process group when the supervisor's end of the pipe closes, even in the middle of a handler."""
    os.read(lifeline, 1)
    os.kill(0, signal.SIGKILL)


def main(handler_name: str) -> NoReturn:
    """Initialise the function, then serve it."""
    _thread.start_new_thread(die_with_parent, (int(os.environ.pop("_LOCAL_AWS_LIFELINE_FD")),))
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    log = LogHandler()
    logging.getLogger().addHandler(log)
    client = RuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(handler_name)
    except Exception as error:  # importing a function's module may raise anything
        payload = error_payload(error)
        log_error(payload)
        client.post("init/error", to_json(payload).encode(), payload["errorType"])
        sys.exit(1)
    serve(client, handler, log)


if __name__ == "__main__":
    main(sys.argv[1])
