/** The rows of a trail of twelve: the first ten are sealed, in two batches. */
export const places = { first: 1, middle: 5, last: 10, unsealed: 11 };
export type Place = keyof typeof places;

export const insertedBefore =
  "(occurred_at, job, action) overriding system value values (now(), 'calendar', 'written')";
export const addsOutcome = "insert into audit_outcomes (occurred_at, job, action)";

/** What somebody may do to the row at a place; some take two rows. */
export const kinds: Record<string, (id: number) => string> = {
  edit: (id) => `update audit_outcomes set action = 'ignored' where id = ${id}`,
  delete: (id) => `delete from audit_unsealed where outcome_id = ${id}; delete from audit_outcomes where id = ${id}`,
  insert: (id) =>
    `update audit_outcomes set id = default where id = ${id};
     insert into audit_outcomes (id, occurred_at, job, action) overriding system value
     values (${id}, now(), 'calendar', 'written')`,
  reorder: (id) => {
    const other = id === 1 ? 2 : id === 11 ? 12 : id - 1;
    return `update audit_outcomes set event_key = swapped.event_key
      from audit_outcomes as swapped
      where audit_outcomes.id in (${id}, ${other}) and swapped.id in (${id}, ${other}) and swapped.id <> audit_outcomes.id`;
  },
  cut: (id) =>
    `delete from audit_unsealed where outcome_id >= ${id}; delete from audit_chain where outcome_id >= ${id};
     delete from audit_outcomes where id >= ${id}`,
  truncate: () => "truncate audit_outcomes, audit_chain, audit_unsealed, audit_tiles restart identity",
};

export const tries = Object.keys(kinds).flatMap((kind) =>
  (Object.keys(places) as Place[]).map((place) => [kind, place] as [string, Place])
);
