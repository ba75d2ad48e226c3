"""What moves the avatar: poses, the skeleton, signs of life."""
