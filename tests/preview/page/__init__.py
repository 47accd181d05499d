"""The preview's page server and its page, the latter in Chromium."""
