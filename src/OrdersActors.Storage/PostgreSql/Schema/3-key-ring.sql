-- The key ring that encrypts the secrets of API keys. It is here so that every server of the cluster can decrypt them.
CREATE TABLE key_ring (
    name text COLLATE "C" PRIMARY KEY,
    element text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now());
