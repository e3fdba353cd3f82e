-- Since when a doctor takes no visits any more.
ALTER TABLE doctors ADD COLUMN retired_at timestamptz;
