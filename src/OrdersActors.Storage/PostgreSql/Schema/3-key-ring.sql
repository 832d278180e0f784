-- What the secrets of API keys are encrypted with, so that every server of the cluster can decrypt them.
CREATE TABLE key_ring (
    name text COLLATE "C" PRIMARY KEY,
    element text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now());
