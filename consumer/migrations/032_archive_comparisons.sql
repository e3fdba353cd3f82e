-- Up to when a job is known to have had every event of the producer's archive, and when the next process may look.
CREATE TABLE archive_comparisons (
  job            text        PRIMARY KEY,
  compared_until timestamptz NOT NULL,
  next_at        timestamptz NOT NULL
);
