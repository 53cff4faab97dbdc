-- Readers choose for themselves how long before a slot their calendar rings: minutes, NULL for what the team has set.
ALTER TABLE feed_tokens ADD COLUMN alarm INTEGER;
