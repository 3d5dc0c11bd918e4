"""What may not lie open in the store: sealed texts, marks that only we can make.

A *ring* of keys of 32 bytes: the first one seals and marks, all of them open and check, so that
a key can be replaced without reading everything anew at once. Each purpose has a key of its own,
derived from the ring. Texts are sealed with AES-256-GCM under a nonce drawn for each; the place a
sealed text belongs to is authenticated with it, so that it cannot be moved to another row.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class Unreadable(Exception):
    """A sealed text that no key of the ring opens at this place."""


class Vault:
    """Seals, opens and marks with a ring of keys."""

    def __init__(self, ring: Sequence[bytes]) -> None:
        """Raises ValueError without a key, or for one that is not of 32 bytes."""
        if not ring or any(len(key) != KEY_BYTES for key in ring):
            raise ValueError(f"a ring has at least one key, each of {KEY_BYTES} bytes")
        self._ring = tuple(ring)

    def seal(self, text: str, place: str) -> bytes:
        """The text sealed for a place, such as `patient.family_name:ID`; never twice the same."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = next(self._keys("seal"))
        return nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The text sealed for this place. Raises Unreadable."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        for key in self._keys("seal"):
            try:
                return AESGCM(key).decrypt(nonce, rest, place.encode()).decode()
            except (InvalidTag, ValueError):
                continue
        raise Unreadable(place)

    def is_current(self, sealed: bytes, place: str) -> bool:
        """Whether the first key of the ring opens it: if not, it is to be sealed anew."""
        try:
            Vault(self._ring[:1]).open(sealed, place)
        except Unreadable:
            return False
        return True

    def mark(self, data: bytes, purpose: str) -> str:
        """A digest (hexadecimal) that cannot be made without the keys, the same every time."""
        return _digest(next(self._keys(purpose)), data)

    def is_marked(self, data: bytes, purpose: str, mark: str) -> bool:
        """Whether the mark was made of this data, with any key of the ring."""
        return any(
            hmac.compare_digest(_digest(key, data), mark.lower()) for key in self._keys(purpose)
        )

    def _keys(self, purpose: str) -> Iterator[bytes]:
        for key in self._ring:
            yield hmac.digest(key, f"releve/{purpose}".encode(), hashlib.sha256)


def _digest(key: bytes, data: bytes) -> str:
    return hmac.digest(key, data, hashlib.sha256).hex()
