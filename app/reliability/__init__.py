"""What keeps the service answering when something it calls does not."""
