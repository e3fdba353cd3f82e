/** What a role or a database may bring along, each to the worst for whoever relies on the usual value. */
export const hostileSettings: Readonly<Record<string, string>> = {
  DateStyle: "'SQL, DMY'",
  IntervalStyle: "'sql_standard'",
  TimeZone: "'Pacific/Chatham'",
  bytea_output: "'escape'",
  search_path: "'nowhere'",
  default_transaction_isolation: "'serializable'",
  default_transaction_deferrable: "on",
  extra_float_digits: "-15",
  array_nulls: "off",
  standard_conforming_strings: "off",
  transform_null_equals: "on",
  lock_timeout: "1",
  statement_timeout: "2000",
  idle_in_transaction_session_timeout: "2000",
};
