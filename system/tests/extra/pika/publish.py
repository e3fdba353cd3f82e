"""Publishes the body that stands on standard input: nothing but bytes, as any client may."""
import sys

import pika

url, exchange, routing_key = sys.argv[1:]
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
channel.confirm_delivery()
channel.basic_publish(exchange, routing_key, sys.stdin.buffer.read(), mandatory=True)
connection.close()
