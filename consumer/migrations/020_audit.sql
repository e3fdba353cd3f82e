-- What happened, one row an event and one an outcome. Rows are only ever added.
create table audit_outcomes (
  id bigint generated always as identity primary key,
  occurred_at timestamptz(3) not null,
  job text not null,
  action text not null,
  event_key text,
  event_name text,
  aggregate_id text,
  correlation_id text,
  actor text,
  detail jsonb
);

create index audit_outcomes_occurred_at on audit_outcomes (occurred_at);
create index audit_outcomes_aggregate on audit_outcomes (aggregate_id, id);

-- Identity values do not follow commit order, so the sealer works through this list instead of a watermark.
-- No foreign keys to audit_outcomes: their check locks the row, which needs the UPDATE privilege that is revoked below.
create table audit_unsealed (
  outcome_id bigint primary key
);

create table audit_chain (
  position bigint primary key,
  outcome_id bigint not null unique,
  previous_hash bytea not null,
  hash bytea not null
);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % refused: the audit trail is append-only', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_outcomes_append_only before update or delete or truncate on audit_outcomes
  for each statement execute function refuse_audit_change();
create trigger audit_chain_append_only before update or delete or truncate on audit_chain
  for each statement execute function refuse_audit_change();

revoke update, delete, truncate on audit_outcomes, audit_chain from public, current_user;
