"""What a wearer reads: captions, menu, status line and figures, as pictures and as places in the room."""
