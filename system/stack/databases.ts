import postgres from "postgres";

export interface DatabaseOwner {
  name: string;
  password: string;
}

/** Gives each owner a role and a database of the same name that no other role can connect to; returns their URLs. */
export async function createDatabases(adminUrl: string, owners: DatabaseOwner[]): Promise<string[]> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    for (const { name, password } of owners) {
      const [existing] = await sql`SELECT 1 FROM pg_database WHERE datname = ${name}`;
      if (existing) continue;
      await sql.unsafe(`DROP ROLE IF EXISTS "${name}"`);
      await sql.unsafe(`CREATE ROLE "${name}" LOGIN PASSWORD '${password}'`);
      await sql.unsafe(`CREATE DATABASE "${name}" OWNER "${name}"`);
      await sql.unsafe(`REVOKE ALL ON DATABASE "${name}" FROM PUBLIC`);
    }
    await sql.unsafe(`REVOKE CONNECT ON DATABASE postgres FROM PUBLIC`);
  } finally {
    await sql.end();
  }
  return owners.map(({ name, password }) => {
    const url = new URL(adminUrl);
    url.username = name;
    url.password = password;
    url.pathname = `/${name}`;
    return url.href;
  });
}

/** Makes a role that may do what the owner of a database may, and more as soon as it owns something; returns its URL. */
export async function createMember(
  adminUrl: string,
  { name, password, of }: DatabaseOwner & { of: string },
): Promise<string> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const [existing] = await sql`SELECT 1 FROM pg_roles WHERE rolname = ${name}`;
    if (!existing) await sql.unsafe(`CREATE ROLE "${name}" LOGIN PASSWORD '${password}' IN ROLE "${of}"`);
  } finally {
    await sql.end();
  }
  const url = new URL(adminUrl);
  Object.assign(url, { username: name, password, pathname: `/${of}` });
  return url.href;
}

/** A role for tests: it may create databases and roles, and is no superuser. */
export async function createTestRole(adminUrl: string, password: string): Promise<string> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(
      `CREATE ROLE tests LOGIN CREATEDB CREATEROLE PASSWORD '${password}'`,
    );
    await sql.unsafe(`CREATE DATABASE tests OWNER tests`);
  } finally {
    await sql.end();
  }
  const url = new URL(adminUrl);
  url.username = "tests";
  url.password = password;
  url.pathname = "/tests";
  return url.href;
}
