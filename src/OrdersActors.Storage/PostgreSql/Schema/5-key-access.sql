-- An expand step: servers of previous versions run beside it, and can start on it. See PostgresSchema.
-- They read and write only the first five columns, so each new column has a default. During a rotation protected_secret
-- stays the older secret, which the clients already use; they do not know next_secret.
ALTER TABLE api_keys
    ADD COLUMN access text COLLATE "C" NOT NULL DEFAULT 'open', -- or 'restricted'
    ADD COLUMN expires_at timestamptz, -- null: never
    ADD COLUMN secret_id integer NOT NULL DEFAULT 1, -- the number of protected_secret within its key
    ADD COLUMN secret_created_at timestamptz, -- null: at created_at
    ADD COLUMN next_secret text, -- the newer secret during a rotation, whose number is last_secret_id
    ADD COLUMN next_secret_created_at timestamptz,
    ADD COLUMN last_secret_id integer NOT NULL DEFAULT 1, -- the highest number that a secret of the key has had
    ADD COLUMN last_used_at timestamptz; -- to the minute
