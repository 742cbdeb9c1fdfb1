"""The cash plan: known and estimated flows cut on accounts to the centime, its views, its log, its pages."""
