"""Slips with a store."""

from imagekit import Client
from imagekit_store import Entry, Store, Worker

STORE = Store()  # wrong: call-arg, reportCallIssue
DAYS = Store("sqlite:///store.db", keep_days="30")  # wrong: arg-type, reportArgumentType
CLIENT = Client(journal="sqlite:///store.db")  # wrong: arg-type, reportArgumentType


def ask(store: Store) -> str:
    store.ask(model="lily-1")  # wrong: call-arg, reportCallIssue
    store.ask("a heron", "lily-1")  # wrong: call-arg, reportCallIssue
    return store.wait("one")  # wrong: return-value, reportReturnType


def work(store: Store, client: Client) -> None:
    Worker(client, store)  # wrong: arg-type, reportArgumentType
    Worker(store, client, told=work)  # wrong: arg-type, reportArgumentType


def change(entry: Entry) -> None:
    entry.state = "done"  # wrong: misc, assignment, reportAttributeAccessIssue
    entry.error["message"]  # wrong: index, reportOptionalSubscript
