#!/usr/bin/env python3
"""An adapter of xcp in Python, with the standard library only.

    xcp serve exec:./adapter.py

It turns a list of services (services.json beside it, or the file that $SERVICES names) into Envoy resources: a cluster
for each service, one route configuration that picks them by the beginning of the path, and one listener. When the file
changes it tells xcp which groups to ask for again.

xcp writes calls to standard input, one JSON object a line; the answers go to standard output, with the number of the
call. docs/adapters.md describes the messages. What goes to standard error is in xcp's log.
"""

import json
import os
import sys
import threading
import time

FILE = os.environ.get("SERVICES") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "services.json")
SECONDS_BETWEEN_LOOKS = 0.5

# Two threads write: a line must come out whole.
output = threading.Lock()

# Whatever else prints (a library, a forgotten print) must not get between the messages: it goes to the log instead.
messages = sys.stdout
sys.stdout = sys.stderr


def send(message):
    with output:
        messages.write(json.dumps(message) + "\n")
        messages.flush()  # xcp waits for the line, not for a full buffer


def read_services():
    with open(FILE, encoding="utf-8") as file:
        return json.load(file)


# --- The calls. Each returns its result, or raises: then xcp keeps what it had, and shows the words. ---


def init(call):
    if call["protocol"] != 1:
        raise ValueError(f"protocol {call['protocol']} is not known here")
    # What is there now, before any call reads it: whatever changes from here on is told.
    threading.Thread(target=watch, args=(stamp(), groups()), daemon=True).start()
    return {"ping": True}  # this program answers pings, so xcp may notice that it hangs


def list_definitions(call):
    # A long list may come in several messages.
    send({"id": call["id"], "items": [{"group": s["group"], "id": s["name"]} for s in read_services()]})
    return None


def generate(call):
    # All resources of the group, whatever changed: call["changes"] only helps those who keep something in between.
    services = [s for s in read_services() if s["group"] == call["group"]]
    if not services:
        return None  # there is no such group any more
    return [listener(), routes(services), *map(cluster, services)]


def nothing(call):
    return None


CALLS = {"init": init, "list": list_definitions, "generate": generate, "ping": nothing, "close": nothing}


# --- The resources, as Envoy's documentation writes them, in JSON. ---


def listener():
    return {
        "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
        "name": "http",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 10000}},
        "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
                         ".HttpConnectionManager",
                "stat_prefix": "http",
                # The routes come over xDS too, so that a change of them leaves the listener alone.
                "rds": {"route_config_name": "services", "config_source": {"ads": {}, "resource_api_version": "V3"}},
                "http_filters": [{
                    "name": "envoy.filters.http.router",
                    "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"},
                }],
            },
        }]}],
    }


def routes(services):
    # Envoy takes the first route that fits: the longest prefix has to come first.
    longest_first = sorted(services, key=lambda s: (-len(s["prefix"]), s["prefix"]))
    return {
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        "name": "services",
        "virtual_hosts": [{
            "name": "all",
            "domains": ["*"],
            "routes": [{"match": {"prefix": s["prefix"]}, "route": {"cluster": s["name"]}} for s in longest_first],
        }],
    }


def cluster(service):
    address = {"address": service["address"], "port_value": service["port"]}
    return {
        "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "name": service["name"],
        "type": "STATIC",
        "load_assignment": {
            "cluster_name": service["name"],
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"socket_address": address}}}]}],
        },
    }


# --- Changes. ---


def stamp():
    try:
        status = os.stat(FILE)
        return status.st_mtime_ns, status.st_size, status.st_ino
    except OSError:
        return None  # it is being replaced


def groups():
    try:
        return {s["group"] for s in read_services()}
    except (OSError, ValueError, KeyError, TypeError):
        return set()  # half written, or wrong: generate will say what is the matter


def watch(seen, known):
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        now = stamp()
        if now == seen:
            continue
        seen, before, known = now, known, groups()
        # The groups that are gone as well: xcp asks for them, and hears that they are no more.
        for group in sorted(before | known):
            send({"changed": {"group": group}})


def main():
    for line in sys.stdin:  # ends when xcp is gone: so does this program
        call = json.loads(line)
        try:
            send({"id": call["id"], "result": CALLS[call["call"]](call)})
        except Exception as error:
            send({"id": call["id"], "error": {"message": f"{type(error).__name__}: {error}"}})
        if call["call"] == "close":
            return


if __name__ == "__main__":
    main()
