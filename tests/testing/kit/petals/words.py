"""How the wire of petals says yes, not yet and no."""

from imagekit.testing import Job, OpenAIAnswers


class Words(OpenAIAnswers):
    def job(self, server: str, *base64: str) -> Job:
        budding = {"id": "p-1", "state": "budding", "look": f"{server}/petals/p-1"}
        wilted = {"id": "p-1", "state": "wilted"}
        return Job(budding, budding, done=[self.pictures(*base64)], failed=[wilted])
