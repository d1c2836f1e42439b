"""The public names, and where each lives. `imagekit.__getattr__` reads this list, too."""

from imagekit.basics.blob import Blob as Blob
from imagekit.client.abandoned import Abandoned as Abandoned
from imagekit.client.async_client import AsyncClient as AsyncClient
from imagekit.client.candidates import Way as Way
from imagekit.client.catalogue import Catalogue as Catalogue, Declared as Declared
from imagekit.client.client import Client as Client
from imagekit.client.metadata.record import (
    embed as embed,
    read_record as read_record,
    record_of as record_of,
)
from imagekit.client.plan import Plan as Plan, PlannedCall as PlannedCall
from imagekit.client.records import Page as Page, Record as Record, Records as Records
from imagekit.client.request_json import read_json as read_json
from imagekit.declare.auth import (
    Auth as Auth,
    Bearer as Bearer,
    Credential as Credential,
    Either as Either,
    HeaderKey as HeaderKey,
    NoAuth as NoAuth,
    QueryKey as QueryKey,
    SignedToken as SignedToken,
)
from imagekit.declare.cross_rules import (
    Excludes as Excludes,
    NotWhen as NotWhen,
    OnlyWhen as OnlyWhen,
    Requires as Requires,
    SumAtMost as SumAtMost,
    When as When,
)
from imagekit.declare.error_row import ErrorRow as ErrorRow
from imagekit.declare.fact import Fact as Fact, Retirement as Retirement, State as State
from imagekit.declare.family import Family as Family, Model as Model, Parameter as Parameter
from imagekit.declare.host import (
    ANY_MODEL as ANY_MODEL,
    Host as Host,
    ModelList as ModelList,
    Offer as Offer,
    RecordsAt as RecordsAt,
    Unlisted as Unlisted,
)
from imagekit.declare.price import (
    CostsIn as CostsIn,
    Picture as Picture,
    Price as Price,
    Rate as Rate,
    TokenPrice as TokenPrice,
)
from imagekit.declare.reference_limits import ReferenceLimits as ReferenceLimits
from imagekit.declare.rules import (
    CrossRule as CrossRule,
    Enum as Enum,
    Length as Length,
    Range as Range,
    Rule as Rule,
)
from imagekit.declare.sizes import Sizes as Sizes
from imagekit.declare.spell import (
    Address as Address,
    Carriage as Carriage,
    Carried as Carried,
    Each as Each,
    Implied as Implied,
    Mentions as Mentions,
    Part as Part,
    Spell as Spell,
    spell as spell,
)
from imagekit.declare.wire import Wire as Wire
from imagekit.documents.document import from_json as from_json, to_json as to_json
from imagekit.documents.troubles import error_of as error_of
from imagekit.errors import (
    AmbiguousHost as AmbiguousHost,
    AuthenticationError as AuthenticationError,
    BillingError as BillingError,
    ConfigurationError as ConfigurationError,
    DeadlineExceeded as DeadlineExceeded,
    DownloadError as DownloadError,
    HostError as HostError,
    HostUnavailable as HostUnavailable,
    ImagekitError as ImagekitError,
    InvalidConfiguration as InvalidConfiguration,
    InvalidRequest as InvalidRequest,
    JournalError as JournalError,
    LimitReached as LimitReached,
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
from imagekit.hookspecs import hookimpl as hookimpl
from imagekit.journals import (
    Journal as Journal,
    Recovers as Recovers,
)
from imagekit.plan.call import Call as Call
from imagekit.plan.parameters import Parameters as Parameters
from imagekit.plan.references.reading import (
    read_reference as read_reference,
    reference_of as reference_of,
)
from imagekit.plan.routes.capabilities import route_record as route_record
from imagekit.plan.routes.route import Route as Route
from imagekit.plugins.loading import Plugins as Plugins
from imagekit.send.failing_over import may_fail_over as may_fail_over
from imagekit.send.journal.directory import FileJournal as FileJournal
from imagekit.send.json_log import JSONLog as JSONLog
from imagekit.send.limits.callers import calling_for as calling_for
from imagekit.send.limits.in_process import InProcess as InProcess
from imagekit.send.retry import Retry as Retry
from imagekit.send.sockets.public_addresses import is_public_host as is_public_host
from imagekit.settings.config import (
    Alias as Alias,
    AnyOf as AnyOf,
    Config as Config,
    HostSettings as HostSettings,
    ModelRules as ModelRules,
    ParameterRules as ParameterRules,
    SizeRules as SizeRules,
)
from imagekit.settings.conversion import from_plain as from_plain
from imagekit.settings.secret_reference import SecretReference as SecretReference
from imagekit.settings.trust import Trust as Trust
from imagekit.sharing import (
    Claim as Claim,
    Full as Full,
    Shared as Shared,
    Spending as Spending,
    Standing as Standing,
)
from imagekit.values import (
    Action as Action,
    Added as Added,
    Body as Body,
    Charged as Charged,
    Cost as Cost,
    Failure as Failure,
    Image as Image,
    Line as Line,
    Pending as Pending,
    Problem as Problem,
    Provenance as Provenance,
    Purchase as Purchase,
    Receipt as Receipt,
    Reply as Reply,
    Request as Request,
    Response as Response,
    Result as Result,
    ServerEvent as ServerEvent,
    Trouble as Trouble,
    Usage as Usage,
)
from imagekit.values.budget import Budget as Budget
from imagekit.values.check import Check as Check
from imagekit.values.left import Left as Left, Unkept as Unkept
from imagekit.values.plain.convert import to_plain as to_plain
from imagekit.values.reference import Reference as Reference
from imagekit.wires.answers import Refusal as Refusal

__version__: str
__all__: list[str]
