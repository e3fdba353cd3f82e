/** What each doctor's calendar is to show of a visit, as far as it has an intent; null where it is to show nothing. */
export type Contents = ReadonlyMap<string, string | null>;

export interface Entry {
  doctorId: string;
  content: string | null;
}

export interface WantedEntries {
  /** For calendars without an intent until now. */
  added: Entry[];
  /** In place of what was wanted before. */
  changed: Entry[];
}

/**
 * Turns what should be shown into intents, as far as they differ from what was wanted before. The doctors that an event
 * names each have an intent from then on; one calendar at most is to have an entry.
 */
export function wantEntries(contents: Contents, named: readonly string[], shown: Entry | undefined): WantedEntries {
  const contentFor = (doctorId: string) => (doctorId === shown?.doctorId ? shown.content : null);
  const entryFor = (doctorId: string) => ({ doctorId, content: contentFor(doctorId) });
  const doctorIds = [...new Set(shown ? [...named, shown.doctorId] : named)];
  return {
    added: doctorIds.filter((doctorId) => !contents.has(doctorId)).map(entryFor),
    changed: [...contents]
      .filter(([doctorId, content]) => content !== contentFor(doctorId))
      .map(([doctorId]) => entryFor(doctorId)),
  };
}

/** How many of them the calendars don't show yet. */
export function toBeDone({ added, changed }: WantedEntries): number {
  return changed.length + added.filter(({ content }) => content !== null).length;
}
