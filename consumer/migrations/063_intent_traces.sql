-- The trace that wants it carried out (W3C Trace Context, traceparent), so that it goes on to the last effect.
alter table sends add column traceparent text;
alter table calendar_intents add column traceparent text;
