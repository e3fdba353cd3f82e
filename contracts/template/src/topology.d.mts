export interface RetryDelay {
  name: string;
  queue: string;
  routingKey: string;
  ttlMs: number;
  arguments: Record<string, string | number>;
}

export function describeDelay(delay: string, stem: string, sourceQueue: string, exchange: string): RetryDelay;
