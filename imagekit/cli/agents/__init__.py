"""What tools of language models are made of: whoever asks may be under the spell of a prompt, and
chooses neither where pictures go, nor what is read, nor how much is spent."""
