"""What the user does, whatever they do it with: hands, controllers, gaze, mouse and keyboard."""
