"""A LangChain tool with which agents make pictures: `imagekit_tool`."""

from imagekit_langchain.tool import Asked, imagekit_tool

__all__ = ["Asked", "imagekit_tool"]
