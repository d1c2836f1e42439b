"""Pictures of a call on their way to files and eyes: progress, names, saving, the end."""
