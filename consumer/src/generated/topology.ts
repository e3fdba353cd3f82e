// @generated from asyncapi.yaml — do not edit
import type { JobName } from "./jobs.ts";

export type QueueArguments = Readonly<Record<string, string | number | boolean>>;

export interface RetryDelay {
  name: string;
  queue: string;
  routingKey: string;
  ttlMs: number;
  arguments: QueueArguments;
}

export interface JobQueue {
  name: string;
  bindings: readonly { exchange: string; routingKey: string }[];
  arguments: QueueArguments;
  deadLetter: { exchange: string; queue: string; routingKey: string; arguments: QueueArguments };
  /** `routingKey` binds the job's own queue to the retry exchange: what has waited comes back by it. */
  retry: { exchange: string; routingKey: string; delays: readonly RetryDelay[] };
}

export const sourceExchange = {
  name: "appointments.ex",
  type: "topic",
  options: {
    durable: true,
    autoDelete: false,
  },
} as const;

export const deadLetterExchange = {
  name: "DLX",
  type: "direct",
  options: {
    durable: true,
    autoDelete: false,
  },
} as const;

export const retryExchange = {
  name: "apt.retry.ex",
  type: "direct",
  options: {
    durable: true,
    autoDelete: false,
  },
} as const;

export const queues: Record<JobName, JobQueue> = {
  notifications: {
    name: "apt.notifications.queue",
    bindings: [
      {
        exchange: "appointments.ex",
        routingKey: "appointment.*",
      },
      {
        exchange: "appointments.ex",
        routingKey: "doctor.*",
      },
      {
        exchange: "appointments.ex",
        routingKey: "patient.erased",
      },
    ],
    arguments: {
      "x-queue-type": "quorum",
      "x-max-length": 10000,
      "x-overflow": "reject-publish",
      "x-dead-letter-exchange": "DLX",
      "x-dead-letter-routing-key": "apt.notifications.dlq",
      "x-dead-letter-strategy": "at-least-once",
      "x-delivery-limit": 100,
    },
    deadLetter: {
      exchange: "DLX",
      queue: "apt.notifications.dlq",
      routingKey: "apt.notifications.dlq",
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1000000,
      },
    },
    retry: {
      exchange: "apt.retry.ex",
      routingKey: "apt.notifications.queue",
      delays: [
        {
          name: "1s",
          queue: "apt.notifications.retry.1s",
          routingKey: "apt.notifications.retry.1s",
          ttlMs: 1000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 1000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.notifications.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10s",
          queue: "apt.notifications.retry.10s",
          routingKey: "apt.notifications.retry.10s",
          ttlMs: 10000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 10000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.notifications.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "1m",
          queue: "apt.notifications.retry.1m",
          routingKey: "apt.notifications.retry.1m",
          ttlMs: 60000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 60000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.notifications.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10m",
          queue: "apt.notifications.retry.10m",
          routingKey: "apt.notifications.retry.10m",
          ttlMs: 600000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 600000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.notifications.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
      ],
    },
  },
  availability: {
    name: "apt.availability.queue",
    bindings: [
      {
        exchange: "appointments.ex",
        routingKey: "appointment.*",
      },
      {
        exchange: "appointments.ex",
        routingKey: "doctor.*",
      },
    ],
    arguments: {
      "x-queue-type": "quorum",
      "x-max-length": 10000,
      "x-overflow": "reject-publish",
      "x-dead-letter-exchange": "DLX",
      "x-dead-letter-routing-key": "apt.availability.dlq",
      "x-dead-letter-strategy": "at-least-once",
      "x-delivery-limit": 100,
    },
    deadLetter: {
      exchange: "DLX",
      queue: "apt.availability.dlq",
      routingKey: "apt.availability.dlq",
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1000000,
      },
    },
    retry: {
      exchange: "apt.retry.ex",
      routingKey: "apt.availability.queue",
      delays: [
        {
          name: "1s",
          queue: "apt.availability.retry.1s",
          routingKey: "apt.availability.retry.1s",
          ttlMs: 1000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 1000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.availability.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10s",
          queue: "apt.availability.retry.10s",
          routingKey: "apt.availability.retry.10s",
          ttlMs: 10000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 10000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.availability.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "1m",
          queue: "apt.availability.retry.1m",
          routingKey: "apt.availability.retry.1m",
          ttlMs: 60000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 60000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.availability.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10m",
          queue: "apt.availability.retry.10m",
          routingKey: "apt.availability.retry.10m",
          ttlMs: 600000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 600000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.availability.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
      ],
    },
  },
  audit: {
    name: "apt.audit.queue",
    bindings: [
      {
        exchange: "appointments.ex",
        routingKey: "appointment.*",
      },
      {
        exchange: "appointments.ex",
        routingKey: "doctor.*",
      },
      {
        exchange: "appointments.ex",
        routingKey: "patient.*",
      },
      {
        exchange: "appointments.ex",
        routingKey: "notification.*",
      },
    ],
    arguments: {
      "x-queue-type": "quorum",
      "x-max-length": 10000,
      "x-overflow": "reject-publish",
      "x-dead-letter-exchange": "DLX",
      "x-dead-letter-routing-key": "apt.audit.dlq",
      "x-dead-letter-strategy": "at-least-once",
      "x-delivery-limit": 100,
    },
    deadLetter: {
      exchange: "DLX",
      queue: "apt.audit.dlq",
      routingKey: "apt.audit.dlq",
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1000000,
      },
    },
    retry: {
      exchange: "apt.retry.ex",
      routingKey: "apt.audit.queue",
      delays: [
        {
          name: "1s",
          queue: "apt.audit.retry.1s",
          routingKey: "apt.audit.retry.1s",
          ttlMs: 1000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 1000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.audit.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10s",
          queue: "apt.audit.retry.10s",
          routingKey: "apt.audit.retry.10s",
          ttlMs: 10000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 10000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.audit.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "1m",
          queue: "apt.audit.retry.1m",
          routingKey: "apt.audit.retry.1m",
          ttlMs: 60000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 60000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.audit.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10m",
          queue: "apt.audit.retry.10m",
          routingKey: "apt.audit.retry.10m",
          ttlMs: 600000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 600000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.audit.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
      ],
    },
  },
  calendar: {
    name: "apt.calendar.queue",
    bindings: [
      {
        exchange: "appointments.ex",
        routingKey: "appointment.*",
      },
      {
        exchange: "appointments.ex",
        routingKey: "patient.erased",
      },
    ],
    arguments: {
      "x-queue-type": "quorum",
      "x-max-length": 10000,
      "x-overflow": "reject-publish",
      "x-dead-letter-exchange": "DLX",
      "x-dead-letter-routing-key": "apt.calendar.dlq",
      "x-dead-letter-strategy": "at-least-once",
      "x-delivery-limit": 100,
    },
    deadLetter: {
      exchange: "DLX",
      queue: "apt.calendar.dlq",
      routingKey: "apt.calendar.dlq",
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1000000,
      },
    },
    retry: {
      exchange: "apt.retry.ex",
      routingKey: "apt.calendar.queue",
      delays: [
        {
          name: "1s",
          queue: "apt.calendar.retry.1s",
          routingKey: "apt.calendar.retry.1s",
          ttlMs: 1000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 1000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.calendar.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10s",
          queue: "apt.calendar.retry.10s",
          routingKey: "apt.calendar.retry.10s",
          ttlMs: 10000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 10000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.calendar.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "1m",
          queue: "apt.calendar.retry.1m",
          routingKey: "apt.calendar.retry.1m",
          ttlMs: 60000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 60000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.calendar.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10m",
          queue: "apt.calendar.retry.10m",
          routingKey: "apt.calendar.retry.10m",
          ttlMs: 600000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 600000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.calendar.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
      ],
    },
  },
  analytics: {
    name: "apt.created.queue",
    bindings: [
      {
        exchange: "appointments.ex",
        routingKey: "appointment.created",
      },
    ],
    arguments: {
      "x-queue-type": "quorum",
      "x-max-length": 10000,
      "x-overflow": "reject-publish",
      "x-dead-letter-exchange": "DLX",
      "x-dead-letter-routing-key": "apt.created.dlq",
      "x-dead-letter-strategy": "at-least-once",
      "x-delivery-limit": 100,
    },
    deadLetter: {
      exchange: "DLX",
      queue: "apt.created.dlq",
      routingKey: "apt.created.dlq",
      arguments: {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1000000,
      },
    },
    retry: {
      exchange: "apt.retry.ex",
      routingKey: "apt.created.queue",
      delays: [
        {
          name: "1s",
          queue: "apt.created.retry.1s",
          routingKey: "apt.created.retry.1s",
          ttlMs: 1000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 1000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.created.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10s",
          queue: "apt.created.retry.10s",
          routingKey: "apt.created.retry.10s",
          ttlMs: 10000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 10000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.created.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "1m",
          queue: "apt.created.retry.1m",
          routingKey: "apt.created.retry.1m",
          ttlMs: 60000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 60000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.created.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
        {
          name: "10m",
          queue: "apt.created.retry.10m",
          routingKey: "apt.created.retry.10m",
          ttlMs: 600000,
          arguments: {
            "x-queue-type": "quorum",
            "x-message-ttl": 600000,
            "x-overflow": "reject-publish",
            "x-dead-letter-exchange": "apt.retry.ex",
            "x-dead-letter-routing-key": "apt.created.queue",
            "x-dead-letter-strategy": "at-least-once",
          },
        },
      ],
    },
  },
};
