"""A proxyless gRPC client on C-core: it calls a target again and again, and writes one line of JSON for each call.

usage: client.py TARGET CALLS_PER_SECOND
"""

import json
import sys
import threading
import time

import grpc

target, rate = sys.argv[1], float(sys.argv[2])
channel = grpc.insecure_channel(target)
call = channel.unary_unary("/xcp.test.Colours/Get")
places = threading.Semaphore(32)
lock = threading.Lock()


def done(future):
    places.release()
    if future.code() == grpc.StatusCode.OK:
        line = {"answer": future.result().decode()}
    else:
        line = {"code": future.code().value[0], "error": future.details()}
    with lock:
        print(json.dumps(line), flush=True)


while True:
    places.acquire()
    call.future(b"", timeout=5).add_done_callback(done)
    time.sleep(1 / rate)
