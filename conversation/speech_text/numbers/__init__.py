"""Numbers as words, English and Chinese: rules that find them in a text and say how each is read."""
