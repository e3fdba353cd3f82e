-- Which relay publishes. Its term is the fence: what a relay writes under an earlier one is refused.
CREATE TABLE relay_lease (
  -- A key, so that only a change of the term waits for writes under it; the beat doesn't.
  term   bigint PRIMARY KEY,
  -- Grows while the holder lives. Nobody compares clocks.
  beat   bigint NOT NULL,
  holder text
);
INSERT INTO relay_lease (term, beat) VALUES (0, 0);
