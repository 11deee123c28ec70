"""From rows to words, without reading or writing any: the one vocabulary of pages and mails."""
