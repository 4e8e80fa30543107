"""What the pages of all services share; start with shared/web/site.py."""
