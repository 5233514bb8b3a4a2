"""The key with which a server signs what it sends to the browsers' push services."""

from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec


def new_push_key() -> str:
    """A new private key (VAPID, P-256) as VAPID_PRIVATE_KEY wants it: 32 bytes, base64url without padding."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return urlsafe_b64encode(number.to_bytes(32)).decode().rstrip('=')
