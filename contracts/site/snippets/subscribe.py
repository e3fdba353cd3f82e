# pip install pika; then: AMQP_URL=amqp://… python3 subscribe.py
import json
import os
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(os.environ.get("AMQP_URL", "amqp://localhost")))
channel = connection.channel()
queue = "my-service.ROUTING_KEY"
channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
channel.queue_bind(queue, "appointments.ex", "ROUTING_KEY")
channel.basic_qos(prefetch_count=20)


def receive(channel, method, properties, body):
    event = json.loads(body)
    print(event["eventName"], event["aggregateId"], event.get("eventId"), flush=True)  # deduplicate by eventId
    channel.basic_ack(method.delivery_tag)


print("waiting for ROUTING_KEY in", queue, file=sys.stderr, flush=True)
channel.basic_consume(queue, receive)
channel.start_consuming()
