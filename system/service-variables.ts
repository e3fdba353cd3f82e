import { createHash } from "node:crypto";
import { auditKey } from "./audit-key.ts";

const scopes = [
  "appointments:read",
  "appointments:write",
  "appointments:overbook",
  "doctors:write",
  "erase",
  "export",
  "ops",
];

export interface ProducerSettings {
  port: number;
  database: string;
  amqp: string;
  apiKey: string;
}

/** The environment of a producer that knows one caller, who may do everything. */
export function producerVariables({ port, database, amqp, apiKey }: ProducerSettings): Record<string, string> {
  const sha256 = createHash("sha256").update(apiKey).digest("hex");
  return {
    PORT: String(port),
    DATABASE_URL: database,
    AMQP_URL: amqp,
    API_KEYS: JSON.stringify([{ name: "local", sha256, scopes }]),
  };
}

export interface ConsumerSettings {
  opsPort: number;
  database: string;
  amqp: string;
  mail: { smtpUrl: string };
  sms: { url: string; accountSid: string; authToken: string };
  calendar: { url: string; username: string; password: string };
  /** Outside the database, as the audit trail's witnesses have to be; the role that owns its tables, where there is one. */
  audit: { folder: string; secret: string; database?: string | undefined };
  /** The local caller's key is that of the operations page and of free slots, too. */
  producer: { url: string; apiKey: string };
}

/** The environment of a consumer that runs every job against the stand-ins. */
export function consumerVariables(settings: ConsumerSettings): Record<string, string> {
  const { opsPort, database, amqp, mail, sms, calendar, audit, producer } = settings;
  return {
    OPS_PORT: String(opsPort),
    DATABASE_URL: database,
    AMQP_URL: amqp,
    CLINIC_NAME: "The Clinic",
    SMTP_URL: mail.smtpUrl,
    MAIL_FROM: "The Clinic <appointments@clinic.example>",
    SMS_URL: sms.url,
    SMS_ACCOUNT_SID: sms.accountSid,
    SMS_AUTH_TOKEN: sms.authToken,
    SMS_FROM: "+4930999999",
    CALDAV_URL: calendar.url,
    CALDAV_USERNAME: calendar.username,
    CALDAV_PASSWORD: calendar.password,
    AUDIT_CHECKPOINT_DIR: audit.folder,
    AUDIT_SIGNING_KEY: auditKey(audit.secret),
    // Of the checkpoints that were written before there were keys of this kind.
    AUDIT_HMAC_KEY: audit.secret,
    ...(audit.database !== undefined && { AUDIT_DATABASE_URL: audit.database }),
    PRODUCER_OPS_URL: producer.url,
    PRODUCER_OPS_KEY: producer.apiKey,
    OPS_API_KEYS: JSON.stringify([{
      name: "local",
      sha256: createHash("sha256").update(producer.apiKey).digest("hex"),
      scopes: ["ops:read", "ops:act", "ops:personal", "availability:read"],
    }]),
  };
}
