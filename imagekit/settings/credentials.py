"""Where the credential of each host comes from: one order, kept here and nowhere else.

What the program passed, what the configuration refers to, the user's keys file, what
plugins find, and last the environment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from attrs import field

from imagekit.basics.classes import define
from imagekit.declare.auth import Auth, Credential, NoAuth, exports, ways
from imagekit.declare.host import Host
from imagekit.errors import ConfigurationError, MissingCredential
from imagekit.settings.config import HostSettings
from imagekit.settings.hidden import Hidden
from imagekit.settings.keys_file import Keys
from imagekit.settings.referred_secrets import Referred, read_header
from imagekit.settings.secret_reference import SecretReference
from imagekit.values.plain.places import dotted

__all__ = ["Keyring"]


#: Looks in one place, without running a command.
Look = Callable[[], Credential | Referred | None]


@define(eq=False)
class Keyring:
    """The credentials of one client. What was found once is kept; what was not is looked
    for again.

    Attributes:
        given: host name -> what the program passed.
        settings: host name -> settings, which may refer to credentials and headers.
        keys: the keys file, or None to leave it alone.
        environment: for references to variables, and for the variables of the hosts.
        ask: the plugins' own way, the hook ``imagekit_credential``.
    """

    given: Mapping[str, Credential]
    settings: Mapping[str, HostSettings]
    keys: Keys | None
    environment: Mapping[str, str] = field(repr=False)
    ask: Callable[[Host], Credential | None]
    _found: dict[str, Credential] = field(factory=dict, init=False)
    _headers: dict[str, Hidden[str]] = field(factory=dict, init=False)
    _lock: threading.RLock = field(factory=threading.RLock, init=False)

    def get(self, host: Host) -> Credential:
        """The credential of a host.

        Raises:
            MissingCredential: there is none; says how to give one.
            ConfigurationError: there is one, and it can't be read or used.
        """
        credential = self._found.get(host.name)
        if credential is None:
            with self._lock:  # a command that finds it is run once, not in every thread
                credential = self._found.get(host.name) or self._find(host)
                if credential is None:
                    raise MissingCredential(self.how_to_give(host) + self.where_kept_keys_count)
                self._found[host.name] = credential
        return credential

    def has(self, host: Host) -> bool:
        """Whether `get` has something to try. Runs no command.

        Raises:
            ConfigurationError: the keys file itself can't be used.
        """
        return self.source(host) is not None

    def source(self, host: Host) -> str | None:
        """Where the credential would come from, in words. Runs no command."""
        for look in self._places(host):
            try:
                credential = look()
            except ConfigurationError as error:
                return f"unusable: {error}"  # there is one, and using it will say so
            if isinstance(credential, Credential):
                self._found[host.name] = credential
            if credential:
                return credential.source
        return None

    def headers(self, host: Host) -> Hidden[str]:
        """The user's headers whose values are secrets."""
        headers = self._headers.get(host.name)
        if headers is None:
            with self._lock:
                headers = self._headers.get(host.name) or self._read_headers(host)
                self._headers[host.name] = headers
        return headers

    def advice(self, host: Host) -> str:
        """What would give this host its key, or another in its place, in a few words."""
        looked_in = self._missing(host) or [*map(str, self._references(host).values())]
        if looked_in:
            place = dotted(("hosts", host.name, "credential"))
            return f"{place} looks in {' and '.join(dict.fromkeys(looked_in))}: put it there"
        if self._is_elsewhere(host) or self.has(host):
            return f"imagekit keys set {host.name}"
        return f"export {exports(host.auth)}"

    def variables(self, host: Host) -> tuple[str, ...]:
        """The environment variables in which a key of this host would be looked for."""
        references = self._references(host)
        if references:
            return tuple(reference.env for reference in references.values() if reference.env)
        if self._is_elsewhere(host):
            return ()
        return tuple(
            name for way in ways(host.auth) for names in way.variables.values() for name in names
        )

    def _missing(self, host: Host) -> list[str]:
        """Where the configuration says that parts of the key are, and they are not."""
        references = self._references(host).values()
        return [str(secret) for secret in references if not secret.there(self.environment)]

    @property
    def where_kept_keys_count(self) -> str:
        """Half a sentence for those whose keys file was left alone."""
        if self.keys:
            return ""
        return "; a key kept by imagekit keys set counts for Client.from_config()"

    def how_to_give(self, host: Host) -> str:
        """One sentence that says exactly how to give this host its key."""
        missing = self._missing(host)
        if missing:
            which = " and ".join(missing)
            return f"{host.name} needs a key: your configuration looks for it in {which}"
        kept = f"run imagekit keys set {host.name}, " if self.keys else ""
        where = f" (keys are made at {host.keys_url})" if host.keys_url else ""
        if self._is_elsewhere(host):
            return (
                f"{host.name} needs a key of its own, since it is not at the address of "
                f"{host.kind}: {kept}pass credentials={{{host.name!r}: ...}}, or say in the "
                f'configuration where it is, e.g. credential = {{env = "..."}}'
            )
        return (
            f"{host.name} needs a key{self._half(host)}: export {exports(host.auth)}, {kept}"
            f"or pass credentials={{{host.name!r}: ...}}{where}"
        )

    def _half(self, host: Host) -> str:
        """What the environment has of a key in several parts, and what it lacks."""
        for way in ways(host.auth):
            variables = self._variables(way)
            if any(variables.values()):
                missing = (way.variables[field][0] for field, name in variables.items() if not name)
                there = filter(None, variables.values())
                return f" ({' and '.join(there)} is set, {' and '.join(missing)} is not)"
        return ""

    def _places(self, host: Host) -> Iterator[Look]:
        """Where its credential may be; the first place that has it counts."""
        references = self._references(host)
        if isinstance(host.auth, NoAuth):
            yield partial(Credential, source="none needed")
        elif host.name in self.given:
            yield partial(self.given.get, host.name)
        elif references:  # it is there or nowhere
            yield partial(self._referred, host, references)
        else:
            fields = self._fields(host)
            yield partial(self._found.get, host.name)
            yield partial(self._kept, host, fields)
            yield partial(self.ask, host)
            yield partial(self._exported, host)

    def _find(self, host: Host) -> Credential | None:
        for look in self._places(host):
            credential = look()
            if isinstance(credential, Referred):
                return credential.read(self.environment)
            if credential:
                return credential
        return None

    def _referred(self, host: Host, references: Mapping[str, SecretReference]) -> Referred | None:
        if self._missing(host):
            return None
        return Referred(f"hosts.{host.name}.credential", references)

    def _kept(self, host: Host, fields: Mapping[str, str]) -> Credential | None:
        if not fields:
            return None
        whole = [way.variables for way in ways(host.auth) if set(way.variables) <= set(fields)]
        if not whole:
            way = max(ways(host.auth), key=lambda way: len(set(way.variables) & set(fields)))
            missing = [name for name in way.variables if name not in fields]
            raise ConfigurationError(
                f"your keys file has no {' and no '.join(missing)} of {host.name}; "
                f"run: imagekit keys set {host.name} {' '.join(missing)}"
            )
        return Credential(source="keys file", **{name: fields[name] for name in whole[0]})

    def _exported(self, host: Host) -> Credential | None:
        """What the environment has for every field of one of the host's ways to sign."""
        if self._is_elsewhere(host):
            return None
        for way in ways(host.auth):
            variables = self._variables(way)
            if all(variables.values()):
                source = f"environment ({', '.join(variables.values())})"
                return Credential(
                    source=source if variables else "none needed",
                    **{field: self.environment[name] for field, name in variables.items()},
                )
        return None

    def _variables(self, way: Auth) -> dict[str, str]:
        """Field -> the first of its variables that is set; empty when none is."""
        return {
            field: next(filter(self.environment.get, variables), "")
            for field, variables in way.variables.items()
        }

    def _is_elsewhere(self, host: Host) -> bool:
        """Whether it is another instance of a host, at another address than that host's: then
        the host's variables are not for it, unless nobody but the user runs such a host."""
        settings = self.settings.get(host.name, HostSettings())
        return bool(host.kind and settings.base_url) and not host.self_hosted

    def _fields(self, host: Host) -> Mapping[str, str]:
        return Hidden(self.keys.fields(host.name) if self.keys else {})

    def _references(self, host: Host) -> Mapping[str, SecretReference]:
        said = self.settings.get(host.name, HostSettings()).credential
        if isinstance(said, SecretReference):
            return dict.fromkeys(host.auth.variables, said)
        return said or {}

    def _read_headers(self, host: Host) -> Hidden[str]:
        headers = self.settings.get(host.name, HostSettings()).headers
        return Hidden(
            {
                name: read_header(f"hosts.{host.name}.headers.{name}", value, self.environment)
                for name, value in headers.items()
                if isinstance(value, SecretReference)
            }
        )
