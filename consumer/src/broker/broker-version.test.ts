import type { ChannelModel } from "amqplib";
import { expect, test } from "vitest";
import { requireBroker } from "./broker-version.ts";

const broker = (product: string, version: string) =>
  ({ connection: { serverProperties: { product, version } } }) as unknown as ChannelModel;

test.each(["3.10.0", "3.13.7", "4.0.5", "4.1.0-rc.1", "10.0.0"])("RabbitMQ %s will do", (version) => {
  expect(() => requireBroker(broker("RabbitMQ", version))).not.toThrow();
});

test.each([["RabbitMQ", "3.9.29"], ["RabbitMQ", "2.8.4"], ["LavinMQ", "4.0.0"]])(
  "%s %s is refused",
  (product, version) => {
    expect(() => requireBroker(broker(product, version))).toThrow(`The broker is ${product} ${version}`);
  },
);
