-- The comparisons with the archive by the clock, one a night: whoever inserts the row does it. One that did not finish is
-- taken over.
CREATE TABLE reconciliations (
  night       date        PRIMARY KEY,
  started_at  timestamptz NOT NULL,
  finished_at timestamptz,
  compared    integer     NOT NULL DEFAULT 0,
  found       integer     NOT NULL DEFAULT 0,
  mended      integer     NOT NULL DEFAULT 0,
  failures    integer     NOT NULL DEFAULT 0
);
