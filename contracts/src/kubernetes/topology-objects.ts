import type { brokerDefinitions } from "../definitions.ts";
import type { JsonObject } from "../json.ts";
import { type KubernetesObject, nameOf, object } from "./objects.ts";

type Definitions = ReturnType<typeof brokerDefinitions>;

const API = "rabbitmq.com/v1beta1";
const cluster = { rabbitmqClusterReference: { name: "rabbitmq" } };

/**
 * The broker's definitions as objects of RabbitMQ's Messaging Topology Operator. Without the administrator, whom the
 * Cluster Operator makes. A queue outlives its object: who deletes a manifest must not delete messages.
 */
export function topologyObjects(definitions: Definitions): KubernetesObject[] {
  const services = definitions.users.filter(({ tags }) => !tags.includes("administrator")).map(({ name }) => name);
  const ofServices = <Entry extends { user: string }>(entries: Entry[]) =>
    entries.filter(({ user }) => services.includes(user));
  const make = (kind: string, name: string, spec: JsonObject) => object(API, kind, name, { ...spec, ...cluster });
  return [
    ...definitions.exchanges.map(({ name, vhost, type, durable, auto_delete: autoDelete }) =>
      make("Exchange", nameOf(name), { name, vhost, type, durable, autoDelete })
    ),
    ...definitions.queues.map(({ name, vhost, durable, auto_delete: autoDelete, arguments: its }) => {
      const { "x-queue-type": type, ...rest } = its;
      return make("Queue", nameOf(name), {
        name,
        vhost,
        type: type!,
        durable,
        autoDelete,
        arguments: rest,
        deletionPolicy: "retain",
      });
    }),
    ...definitions.bindings.map(({ source, vhost, destination, destination_type, routing_key: routingKey }) =>
      make("Binding", nameOf(destination, "from", source, ...(routingKey === destination ? [] : [routingKey])), {
        source,
        vhost,
        destination,
        destinationType: destination_type,
        routingKey,
      })
    ),
    ...services.map((name) => make("User", name, { importCredentialsSecret: { name: `rabbitmq-${name}` } })),
    ...ofServices(definitions.permissions).map(({ user, vhost, configure, write, read }) =>
      make("Permission", user, { userReference: { name: user }, vhost, permissions: { configure, write, read } })
    ),
    ...ofServices(definitions.topic_permissions).map(({ user, vhost, exchange, write, read }) =>
      make("TopicPermission", user, { userReference: { name: user }, vhost, permissions: { exchange, write, read } })
    ),
  ];
}
