"""Speech in, facial animation out."""
