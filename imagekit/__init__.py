"""imagekit: one plugin-based way to every image model at every host.

>>> from imagekit import Client
>>> client = Client()                                                 # doctest: +SKIP
>>> result = client.generate("a corgi", model="sandbox:seedream-4.5")  # doctest: +SKIP
>>> result.image.save("corgi.png")                                    # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagekit.async_client import (
        Abandoned as Abandoned,
        AsyncClient as AsyncClient,
    )
    from imagekit.blob import (
        Blob as Blob,
    )
    from imagekit.catalogue import (
        Catalogue as Catalogue,
        Declared as Declared,
    )
    from imagekit.client import (
        Client as Client,
        Plan as Plan,
    )
    from imagekit.config import (
        Alias as Alias,
        Config as Config,
        HostSettings as HostSettings,
        ModelRules as ModelRules,
        ParameterRules as ParameterRules,
        SizeRules as SizeRules,
    )
    from imagekit.config.secret import (
        SecretReference as SecretReference,
    )
    from imagekit.credentials import (
        Auth as Auth,
        Bearer as Bearer,
        Credential as Credential,
        Either as Either,
        HeaderKey as HeaderKey,
        NoAuth as NoAuth,
        SignedToken as SignedToken,
    )
    from imagekit.errors import (
        AmbiguousHost as AmbiguousHost,
        AuthenticationError as AuthenticationError,
        BillingError as BillingError,
        Charged as Charged,
        ConfigurationError as ConfigurationError,
        DeadlineExceeded as DeadlineExceeded,
        DownloadError as DownloadError,
        HostError as HostError,
        HostUnavailable as HostUnavailable,
        ImagekitError as ImagekitError,
        InvalidConfiguration as InvalidConfiguration,
        InvalidRequest as InvalidRequest,
        JournalError as JournalError,
        MissingCredential as MissingCredential,
        ModelUnavailable as ModelUnavailable,
        Moderated as Moderated,
        NoPictures as NoPictures,
        NotSent as NotSent,
        NotServed as NotServed,
        OutcomeUnknown as OutcomeUnknown,
        PermissionDenied as PermissionDenied,
        PluginError as PluginError,
        RateLimited as RateLimited,
        RecordError as RecordError,
        RejectedRequest as RejectedRequest,
        SinkError as SinkError,
        TransportError as TransportError,
        UnknownHost as UnknownHost,
        UnknownModel as UnknownModel,
        UnreadableAnswer as UnreadableAnswer,
        UsageError as UsageError,
    )
    from imagekit.family import (
        Family as Family,
        Model as Model,
        Parameter as Parameter,
    )
    from imagekit.hookspecs import (
        hookimpl as hookimpl,
    )
    from imagekit.host import (
        ANY_MODEL as ANY_MODEL,
        Carriage as Carriage,
        ErrorRow as ErrorRow,
        Host as Host,
        ModelList as ModelList,
        Offer as Offer,
        Price as Price,
        RecordsAt as RecordsAt,
        Spell as Spell,
        spell as spell,
    )
    from imagekit.limits.fact import (
        Fact as Fact,
        Retirement as Retirement,
        State as State,
    )
    from imagekit.limits.geometry import (
        Sizes as Sizes,
    )
    from imagekit.limits.references import (
        References as References,
    )
    from imagekit.limits.rules import (
        CrossRule as CrossRule,
        Enum as Enum,
        Excludes as Excludes,
        Length as Length,
        NotWhen as NotWhen,
        OnlyWhen as OnlyWhen,
        Range as Range,
        Requires as Requires,
        Rule as Rule,
        SumAtMost as SumAtMost,
        When as When,
    )
    from imagekit.parameters import (
        Parameters as Parameters,
    )
    from imagekit.plugins import (
        Plugins as Plugins,
    )
    from imagekit.records import (
        Page as Page,
        Record as Record,
        Records as Records,
    )
    from imagekit.references import (
        Reference as Reference,
        read_reference as read_reference,
    )
    from imagekit.retry import (
        Retry as Retry,
    )
    from imagekit.send.filejournal import (
        FileJournal as FileJournal,
    )
    from imagekit.send.journal import (
        Journal as Journal,
        Purchase as Purchase,
    )
    from imagekit.spelling import (
        Call as Call,
    )
    from imagekit.values import (
        Action as Action,
        Added as Added,
        Failure as Failure,
        Image as Image,
        Line as Line,
        Pending as Pending,
        Problem as Problem,
        Provenance as Provenance,
        Receipt as Receipt,
        Reply as Reply,
        Request as Request,
        Response as Response,
        Result as Result,
        Usage as Usage,
    )
    from imagekit.wire import (
        Refusal as Refusal,
        Wire as Wire,
    )

__version__ = "0.1.0"

#: Where each public name lives. Importing imagekit imports none of these; using a name
#: does. A plugin that only declares data never loads the client, nor ``--help`` the network.
_HOMES = {
    "imagekit.async_client": (
        "Abandoned",
        "AsyncClient",
    ),
    "imagekit.blob": ("Blob",),
    "imagekit.catalogue": (
        "Catalogue",
        "Declared",
    ),
    "imagekit.client": (
        "Client",
        "Plan",
    ),
    "imagekit.config": (
        "Alias",
        "Config",
        "HostSettings",
        "ModelRules",
        "ParameterRules",
        "SizeRules",
    ),
    "imagekit.credentials": (
        "Auth",
        "Bearer",
        "Credential",
        "Either",
        "HeaderKey",
        "NoAuth",
        "SignedToken",
    ),
    "imagekit.errors": (
        "AmbiguousHost",
        "AuthenticationError",
        "BillingError",
        "Charged",
        "ConfigurationError",
        "DeadlineExceeded",
        "DownloadError",
        "HostError",
        "HostUnavailable",
        "ImagekitError",
        "InvalidConfiguration",
        "InvalidRequest",
        "MissingCredential",
        "ModelUnavailable",
        "Moderated",
        "NoPictures",
        "NotSent",
        "NotServed",
        "OutcomeUnknown",
        "PermissionDenied",
        "PluginError",
        "RateLimited",
        "RecordError",
        "RejectedRequest",
        "SinkError",
        "JournalError",
        "TransportError",
        "UnknownHost",
        "UnknownModel",
        "UnreadableAnswer",
        "UsageError",
    ),
    "imagekit.family": (
        "Family",
        "Model",
        "Parameter",
    ),
    "imagekit.hookspecs": ("hookimpl",),
    "imagekit.host": (
        "ANY_MODEL",
        "Carriage",
        "ErrorRow",
        "Host",
        "ModelList",
        "Offer",
        "Price",
        "RecordsAt",
        "Spell",
        "spell",
    ),
    "imagekit.limits.fact": (
        "Fact",
        "Retirement",
        "State",
    ),
    "imagekit.limits.geometry": ("Sizes",),
    "imagekit.limits.references": ("References",),
    "imagekit.limits.rules": (
        "CrossRule",
        "Enum",
        "Excludes",
        "Length",
        "NotWhen",
        "OnlyWhen",
        "Range",
        "Requires",
        "Rule",
        "SumAtMost",
        "When",
    ),
    "imagekit.parameters": ("Parameters",),
    "imagekit.plugins": ("Plugins",),
    "imagekit.records": (
        "Page",
        "Record",
        "Records",
    ),
    "imagekit.references": (
        "Reference",
        "read_reference",
    ),
    "imagekit.retry": ("Retry",),
    "imagekit.config.secret": ("SecretReference",),
    "imagekit.send.filejournal": ("FileJournal",),
    "imagekit.send.journal": (
        "Journal",
        "Purchase",
    ),
    "imagekit.spelling": ("Call",),
    "imagekit.values": (
        "Action",
        "Added",
        "Failure",
        "Image",
        "Line",
        "Pending",
        "Problem",
        "Provenance",
        "Receipt",
        "Reply",
        "Request",
        "Response",
        "Result",
        "Usage",
    ),
    "imagekit.wire": (
        "Refusal",
        "Wire",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'imagekit' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
