"""Asking a language model for a second opinion: any server that speaks OpenAI's chat protocol. Off until it is set up.

It needs the extra ``llm``; nothing else imports that, and nothing else here is imported before something is asked.
"""
