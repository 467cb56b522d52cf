"""A small software renderer: triangles in, an RGB picture out, with NumPy alone.

All fragments of all triangles are made at once and resolved against one depth buffer; attributes are
interpolated for the fragments that won.  Knows nothing of heads: it draws :class:`Surface` objects.
Lengths are centimetres, y up; the camera looks along -z before it is turned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Camera", "Surface", "draw", "vertex_normals"]

Floats = NDArray[np.float32]

_BACKGROUND = (0.155, 0.17, 0.195)
_LIGHTS = (  # direction towards the light (camera space), linear colour
    ((-0.5, 0.42, 0.8), (1.30, 1.22, 1.12)),
    ((0.9, 0.1, 0.5), (0.26, 0.30, 0.38)),
    ((0.55, 0.6, -0.75), (0.50, 0.55, 0.65)),
)
_AMBIENT = (0.20, 0.21, 0.23)
_CHUNK = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """One drawable part."""

    vertices: Floats
    """[V, 3]"""
    faces: NDArray[np.int32]
    """[F, 3], counter-clockwise from outside."""
    colours: Floats
    """[V, 3] linear RGB in 0..1."""
    gloss: float = 0.15
    """Strength of the specular highlight."""
    sharpness: float = 24.0
    """Exponent of the specular highlight."""
    softness: float = 0.0
    """How far light wraps round the surface, 0 (hard) .. 1: skin scatters light."""
    double_sided: bool = False


@dataclass(frozen=True, slots=True)
class Camera:
    """A perspective camera turned about ``target``: yaw to the subject's left, pitch upwards, in degrees."""

    target: tuple[float, float, float] = (0.0, 0.0, 0.0)
    yaw: float = 0.0
    pitch: float = 0.0
    distance: float = 110.0
    height: float = 28.0
    """Height of the picture at the target, centimetres."""
    axes: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        yaw, pitch = np.radians(self.yaw), np.radians(self.pitch)
        cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
        back = (sy * cp, sp, cy * cp)
        right = (cy, 0.0, -sy)
        axes = np.array([right, np.cross(back, right), back], np.float32)
        object.__setattr__(self, "axes", axes)

    def view(self, points: Floats) -> Floats:
        """Return points [..., 3] in camera space: x right, y up, z to the camera, origin at the target."""
        out: Floats = (points - np.asarray(self.target, np.float32)) @ self.axes.T
        return out


def vertex_normals(vertices: Floats, faces: NDArray[np.int32]) -> Floats:
    """Return area-weighted unit normals [V, 3]; vertices without a face get +z."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    normal = np.cross(b - a, c - a)
    out = np.zeros_like(vertices)
    for i in range(3):
        np.add.at(out, faces[:, i], normal)
    length = np.linalg.norm(out, axis=1, keepdims=True)
    out[length[:, 0] < 1e-12] = (0.0, 0.0, 1.0)
    return np.asarray(out / np.maximum(length, 1e-12), np.float32)


def draw(surfaces: Sequence[Surface], camera: Camera, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the picture [height, width, 3]; ``size`` is (width, height); edges are smoothed 2 x 2."""
    width, height = size[0] * 2, size[1] * 2
    depth = np.full(width * height, -np.inf, np.float32)
    picture = np.empty((width * height, 3), np.float32)
    picture[:] = _BACKGROUND
    for surface in surfaces:
        _draw_surface(surface, camera, (width, height), depth, picture)
    small = picture.reshape(size[1], 2, size[0], 2, 3).mean(axis=(1, 3))
    toned = small * (1.0 + 0.16 * small) / (1.0 + 0.55 * small)  # a soft shoulder instead of clipped lights
    return np.asarray(np.clip(toned * 1.22, 0.0, 1.0) ** (1 / 2.2) * 255.0 + 0.5, np.uint8)


def _draw_surface(
    surface: Surface, camera: Camera, size: tuple[int, int], depth: Floats, picture: Floats
) -> None:
    points = camera.view(surface.vertices)
    normals = vertex_normals(surface.vertices, surface.faces) @ camera.axes.T
    scale = size[1] / camera.height * camera.distance / (camera.distance - points[:, 2])
    screen = np.empty((len(points), 2), np.float32)
    screen[:, 0], screen[:, 1] = size[0] / 2 + points[:, 0] * scale, size[1] / 2 - points[:, 1] * scale
    for face, pixel, bary in _fragments(screen, _visible(screen, surface), size):
        corners = surface.faces[face]
        z = np.einsum("nk,nk->n", points[corners, 2], bary).astype(np.float32)
        nearest = depth.copy()
        np.maximum.at(nearest, pixel, z)
        won = (z == nearest[pixel]) & (z > depth[pixel])
        depth[:] = nearest
        corners, bary, pixel = corners[won], bary[won], pixel[won]
        position, normal, colour = (
            np.einsum("nkc,nk->nc", array[corners], bary) for array in (points, normals, surface.colours)
        )
        picture[pixel] = _shade(surface, position, normal, colour, camera.distance)


def _visible(screen: Floats, surface: Surface) -> NDArray[np.int32]:
    """Return [F', 4]: index and corners of the faces that look at the camera."""
    a, b, c = (screen[surface.faces[:, i]] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    seen = np.abs(area) > 1e-9 if surface.double_sided else area < -1e-9
    index = np.flatnonzero(seen)
    return np.column_stack([index, surface.faces[index]]).astype(np.int32)


def _fragments(
    screen: Floats, faces: NDArray[np.int32], size: tuple[int, int]
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64], Floats]]:
    """Yield (face index [n], pixel [n], barycentric weights [n, 3]) in chunks of bounded size."""
    corners = screen[faces[:, 1:]]
    low = np.clip(np.floor(corners.min(axis=1)), 0, size).astype(np.int64)
    high = np.clip(np.ceil(corners.max(axis=1)) + 1, 0, size).astype(np.int64)
    extent = np.maximum(high - low, 0)
    count = extent[:, 0] * extent[:, 1]
    total = np.cumsum(count)
    start = 0
    while start < len(faces):
        base = total[start - 1] if start else 0
        stop = max(int(np.searchsorted(total, base + _CHUNK)), start + 1)
        rows = np.repeat(np.arange(start, stop), count[start:stop])
        local = np.arange(len(rows)) - np.repeat(
            total[start:stop] - count[start:stop] - base, count[start:stop]
        )
        x = low[rows, 0] + local % np.maximum(extent[rows, 0], 1)
        y = low[rows, 1] + local // np.maximum(extent[rows, 0], 1)
        bary = _barycentric(corners[rows], x + 0.5, y + 0.5)
        inside = (bary >= 0).all(axis=1)
        yield faces[rows[inside], 0], (y * size[0] + x)[inside], bary[inside]
        start = stop


def _barycentric(corners: Floats, x: NDArray[np.float64], y: NDArray[np.float64]) -> Floats:
    (ax, ay), (bx, by), (cx, cy) = (corners[:, i].T.astype(np.float64) for i in range(3))
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    u = ((bx - x) * (cy - y) - (by - y) * (cx - x)) / area
    v = ((cx - x) * (ay - y) - (cy - y) * (ax - x)) / area
    return np.stack([u, v, 1.0 - u - v], axis=1).astype(np.float32)


def _shade(surface: Surface, position: Floats, normal: Floats, colour: Floats, distance: float) -> Floats:
    """Wrapped diffuse light and a Blinn-Phong highlight from fixed studio lights."""
    normal = normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    eye = np.array([0.0, 0.0, distance], np.float32) - position
    eye /= np.linalg.norm(eye, axis=1, keepdims=True)
    if surface.double_sided:
        normal = np.where((normal * eye).sum(axis=1, keepdims=True) < 0, -normal, normal)
    out = colour * np.asarray(_AMBIENT, np.float32) * (0.75 + 0.25 * normal[:, 1:2])
    for direction, light in _LIGHTS:
        towards = np.asarray(direction, np.float32) / np.linalg.norm(direction).astype(np.float32)
        wrap = surface.softness * 0.45
        diffuse = np.maximum((normal @ towards + wrap) / (1 + wrap), 0.0)[:, None]
        half = eye + towards
        half /= np.linalg.norm(half, axis=1, keepdims=True)
        shine = np.maximum((normal * half).sum(axis=1, keepdims=True), 0.0) ** surface.sharpness
        out = out + (colour * diffuse + surface.gloss * shine) * np.asarray(light, np.float32)
    return np.asarray(out, np.float32)
