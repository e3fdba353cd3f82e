# apt-get install amqp-tools; prints each event as it comes
amqp-consume --url="$AMQP_URL" --exchange=appointments.ex --routing-key=ROUTING_KEY cat
