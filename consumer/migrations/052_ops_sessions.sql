-- Who is logged in to the operations page, whichever process answers. A session ends with its key's place in the settings.
create table ops_sessions (
  token_hash text        primary key,
  caller     text        not null,
  key_check  text        not null,
  expires_at timestamptz not null
);
