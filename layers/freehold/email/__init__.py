"""E-mail: its words in the reader's language, and the way to SES."""
