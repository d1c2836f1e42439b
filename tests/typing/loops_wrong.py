"""Slips in programs with an event loop."""

from imagekit import AsyncClient, Client, Result


async def calls(client: AsyncClient) -> Result:
    client.generate("a corgi").image  # wrong: attr-defined, reportAttributeAccessIssue
    await client.generate("a corgi", sede=7)  # wrong: call-arg, reportCallIssue
    await client.generate("a corgi", stop=None)  # wrong: call-arg, reportCallIssue
    await client.stream("a corgi")  # wrong: misc, reportGeneralTypeIssues
    list(client.stream("a corgi"))  # wrong: call-overload, reportArgumentType
    with client:  # wrong: attr-defined, reportGeneralTypeIssues
        pass
    client.client = None  # wrong: assignment, reportAttributeAccessIssue
    return client.generate("a corgi")  # wrong: return-value, reportReturnType


def note(result: Result) -> None:
    print(result)


CLIENTS = [AsyncClient(Client), AsyncClient(on_abandoned=note)]  # wrong: arg-type, reportArgumentType
KEYS = AsyncClient(credentials={"ark": "secret"})  # wrong: call-arg, reportCallIssue
