"""Binds a queue of its own, says "bound", then prints what arrives as lines of JSON."""
import json
import sys

import pika

url, exchange, routing_key = sys.argv[1:]
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
queue = channel.queue_declare("", exclusive=True).method.queue
channel.queue_bind(queue, exchange, routing_key)
print("bound", flush=True)
for method, properties, body in channel.consume(queue, auto_ack=True):
    message = {
        "exchange": method.exchange,
        "routing_key": method.routing_key,
        "properties": {name: value for name, value in vars(properties).items() if value is not None},
        "body": body.decode("utf-8"),
    }
    print(json.dumps(message), flush=True)
