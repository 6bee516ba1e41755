# region: any
import mixpanel
from confluent_kafka import Consumer

queue = Consumer({"bootstrap.servers": "kafka:9092"})
database = connect(
    host="db.internal",
)
mp = mixpanel.Mixpanel(token, consumer=mixpanel.Consumer(api_host=host))
