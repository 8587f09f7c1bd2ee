"""Remembers who sends mails back."""
