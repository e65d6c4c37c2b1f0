"""Writes pictures into files that people share: whole or not at all."""

import os
from importlib import import_module
from pathlib import Path
from tempfile import mkstemp
from typing import Final

from lambdascope_proxy.errors import PictureError
from lambdascope_proxy.pictures.picture import Picture

_INSTALL: Final = "Pictures need matplotlib: install it with pip install 'lambdascope[pictures]'."
_MODE: Final = 0o666


def check_target(path: Path) -> None:
    """Sees to it that a picture can be drawn and written there, before any work is done for it.

    Raises: PictureError that says why not.
    """
    _find_matplotlib()
    if path.is_dir():
        raise PictureError(f"{path} is a directory: give the name of a file.")
    if not path.parent.is_dir():
        raise PictureError(f"{path} cannot be written: there is no directory {path.parent}.")
    if not os.access(path.parent, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise PictureError(f"{path} cannot be written: permission denied.")


def write_png(picture: Picture, path: Path) -> None:
    """Writes the whole picture. Raises: PictureError."""
    _find_matplotlib()
    from lambdascope_proxy.pictures.figures import png_of

    _write(path, png_of(picture))


def write_html(picture: Picture, path: Path) -> None:
    """Writes one page that needs no other file. Raises: PictureError."""
    _find_matplotlib()
    from lambdascope_proxy.pictures.figures import svg_of
    from lambdascope_proxy.pictures.html_page import html_page

    _write(path, html_page(picture, [svg_of(chart) for chart in picture.charts]).encode())


def _find_matplotlib() -> None:
    try:
        import_module("matplotlib")
    except ImportError as error:
        raise PictureError(_INSTALL) from error


def _write(path: Path, content: bytes) -> None:
    """Writes beside it and renames: who looks meanwhile sees the former picture or the new one."""
    try:
        descriptor, name = mkstemp(prefix=f".{path.name[:64]}.", dir=path.parent)
    except OSError as error:
        raise PictureError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(name).chmod(_MODE & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise PictureError(f"{path} cannot be written: {error.strerror}.") from error


def _umask() -> int:
    """What this process takes from the permissions of new files; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
