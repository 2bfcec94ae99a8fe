"""Who may hear what: users, tokens, entitlements, and a receipt for every change."""
