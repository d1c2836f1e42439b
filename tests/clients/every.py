"""Every client: as people call it, where it is installed, and what drives it."""

from __future__ import annotations

from attrs import frozen

__all__ = ["CALLS", "CLIENTS", "Client"]

#: What a drive may do, in the order of the table -> the head of its column.
CALLS = {
    "generate": "as base64",
    "link": "as a link",
    "edit": "edit",
    "edit_two": "two pictures",
    "edit_mask": "mask",
    "stream": "stream",
    "models": "models",
    "error": "told what fits",
    "charged": "pays once",
    "hasty": "asks again",
}


@frozen
class Client:
    """
    Attributes:
        drive: the program in ``drives/`` and what it is given.
        environment: where the client is; empty for one that the tests' own Python has.
    """

    name: str
    drive: tuple[str, ...]
    environment: str = ""


CLIENTS = (
    Client("openai-python", ("openai_python.py",)),
    Client("Open WebUI", ("open_webui.py",)),
    Client("LibreChat", ("libre_chat.py",)),
    Client("LiteLLM", ("litellm_sdk.py",), "python"),
    Client("any-llm", ("any_llm_sdk.py",), "python"),
    Client("Haystack", ("haystack_generator.py",), "python"),
    Client("Semantic Kernel", ("semantic_kernel_service.py",), "python"),
    Client("LangChain", ("langchain_dalle.py",), "python"),
    Client("huggingface_hub", ("hugging_face.py",), "python"),
    Client("CrewAI", ("crewai_dalle.py",), "crewai"),
    Client("openai-node", ("openai_node.mjs",), "node"),
    Client("AI SDK 6, openai", ("ai_sdk.mjs", "6", "openai"), "node"),
    Client("AI SDK 6, openai-compatible", ("ai_sdk.mjs", "6", "openai-compatible"), "node"),
    Client("AI SDK 7, openai", ("ai_sdk.mjs", "7", "openai"), "node"),
    Client("AI SDK 7, openai-compatible", ("ai_sdk.mjs", "7", "openai-compatible"), "node"),
    Client("LangChain.js", ("langchain_js.mjs",), "node"),
)
