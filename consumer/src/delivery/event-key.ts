const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An event's id as it is kept and compared: a UUID is the same in capitals (RFC 9562), and is kept in small letters. */
export function eventKeyOf(id: string): string {
  return uuid.test(id) ? id.toLowerCase() : id;
}
