"""The meaning of a ticket's text as numbers, by a small sentence model on this machine. Off until it is set up.

It needs the extra ``embeddings``; nothing else imports that, and it is imported when the first text comes.
"""
