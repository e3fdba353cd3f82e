-- The Merkle tree (RFC 6962) over the rows of the chain, in tiles of up to 256 hashes (C2SP tlog-tiles): level 0 holds the
-- rows' leaf hashes, each level above the roots of the full tiles below it. It is derived from the rows and vouched for by
-- the checkpoints, which are outside of the database.
create table audit_tiles (
  level smallint not null,
  index bigint not null,
  hashes bytea not null,
  primary key (level, index)
);
-- Hashes don't compress.
alter table audit_tiles alter hashes set storage external;

-- Its row is locked by who seals. An advisory lock could be taken, and kept, by any role.
create table audit_sealer (
  one boolean primary key default true check (one)
);
insert into audit_sealer default values;
