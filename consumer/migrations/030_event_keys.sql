-- Event ids are compared as UUIDs from now on: what was processed under one in capitals is known in small letters, too.
INSERT INTO inbox (job, event_key, event_name, aggregate_id, outcome, processed_at)
SELECT job, lower(event_key), event_name, aggregate_id, outcome, processed_at
FROM inbox
WHERE event_key ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AND event_key <> lower(event_key)
ON CONFLICT DO NOTHING;
