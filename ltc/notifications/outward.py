"""Which servers out there a company may have us connect to. Never one inside our own network, unless the operator says so."""

import ipaddress
import socket
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from ltc.refusals import Refusal

LONGEST_HOST: Final = 253


class NotReachable(Refusal):
    """The server does not exist, or is none that we connect to."""

    code = "host_not_allowed"


def is_own(host: str, port: int) -> bool:
    """Whether the operator has named this server as one inside that may be reached (`OWN_SERVERS=mail.internal:143`)."""
    return f"{host.lower()}:{port}" in settings.OWN_SERVERS


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses to connect to, looked up once: whoever connects uses these and not the name, which may mean another place by then.

    Raises NotReachable for a name that does not exist, or of which any address is not a public one.
    """
    if not host or len(host) > LONGEST_HOST:
        raise NotReachable(_("There is no such server: %(host)s") % {"host": host[:80]}, field="host")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReachable(_("There is no such server: %(host)s") % {"host": host}, field="host") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not is_own(host, port) and not all(is_public(address) for address in addresses):
        raise NotReachable(_("This server is not in the public network: %(host)s") % {"host": host}, field="host")
    return addresses


def is_public(address: str) -> bool:
    """Whether an address is one of the internet: not of a private network, this machine, a link, or wrapped around such a one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local or found.is_reserved:
            return False
    return found.is_global and not found.is_multicast
