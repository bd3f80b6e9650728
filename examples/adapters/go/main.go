// An adapter of xcp in Go, with the standard library only.
//
//	go build -o adapter . && xcp serve exec:./adapter
//
// It turns a list of services (services.json in the working directory, or the file that $SERVICES names) into Envoy
// resources: a cluster for each service, one route configuration that picks them by the beginning of the path, and one
// listener. When the file changes it tells xcp which groups to ask for again.
//
// xcp writes calls to standard input, one JSON object a line; the answers go to standard output, with the number of the
// call. docs/adapters.md describes the messages. What goes to standard error is in xcp's log.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"sort"
	"sync"
	"time"
)

const betweenLooks = 500 * time.Millisecond

// A call from xcp. Which fields there are depends on its name.
type call struct {
	ID       int    `json:"id"`
	Call     string `json:"call"`
	Protocol int    `json:"protocol"`
	Group    string `json:"group"`
	// What changed ("all", or {"ids": [...]}) helps those who keep something between two calls; this program does not.
	Changes json.RawMessage `json:"changes"`
}

type service struct {
	Name    string `json:"name"`
	Group   string `json:"group"`
	Prefix  string `json:"prefix"`
	Address string `json:"address"`
	Port    int    `json:"port"`
}

// object is any JSON object.
type object map[string]any

type adapter struct {
	file string

	mutex  sync.Mutex // two goroutines write: a line must come out whole
	output *json.Encoder
}

func main() {
	log.SetFlags(0) // xcp's log has the time
	file := os.Getenv("SERVICES")
	if file == "" {
		file = "services.json"
	}
	// The encoder ends each message with a newline, and does not hold it back.
	a := &adapter{file: file, output: json.NewEncoder(os.Stdout)}
	if err := a.serve(os.Stdin); err != nil {
		log.Fatalf("Cannot go on: %v", err)
	}
}

// serve answers calls until xcp closes the program, or is gone itself.
func (a *adapter) serve(input io.Reader) error {
	calls := json.NewDecoder(bufio.NewReader(input))
	for {
		var c call
		if err := calls.Decode(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		// After an error xcp keeps what it had, and shows the words.
		if result, err := a.answer(c); err != nil {
			a.send(object{"id": c.ID, "error": object{"message": err.Error()}})
		} else {
			a.send(object{"id": c.ID, "result": result})
		}
		if c.Call == "close" {
			return nil
		}
	}
}

func (a *adapter) send(message object) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if err := a.output.Encode(message); err != nil {
		log.Fatalf("Cannot write to xcp: %v", err)
	}
}

func (a *adapter) answer(c call) (any, error) {
	switch c.Call {
	case "init":
		if c.Protocol != 1 {
			return nil, fmt.Errorf("protocol %d is not known here", c.Protocol)
		}
		// What is there now, before any call reads it: whatever changes from here on is told.
		go a.watch(a.stamp(), a.groups())
		return object{"ping": true}, nil // this program answers pings, so xcp may notice that it hangs
	case "list":
		return nil, a.list(c.ID)
	case "generate":
		return a.generate(c.Group)
	case "ping", "close":
		return nil, nil
	}
	return nil, fmt.Errorf("the call %q is not known here", c.Call)
}

func (a *adapter) list(id int) error {
	services, err := a.services()
	if err != nil {
		return err
	}
	items := []object{}
	for _, s := range services {
		items = append(items, object{"group": s.Group, "id": s.Name})
	}
	a.send(object{"id": id, "items": items}) // a long list may come in several messages
	return nil
}

// generate returns all resources of a group, or nil when there is no such group any more.
func (a *adapter) generate(group string) (any, error) {
	all, err := a.services()
	if err != nil {
		return nil, err
	}
	var services []service
	for _, s := range all {
		if s.Group == group {
			services = append(services, s)
		}
	}
	if len(services) == 0 {
		return nil, nil
	}
	resources := []object{listener(), routes(services)}
	for _, s := range services {
		resources = append(resources, cluster(s))
	}
	return resources, nil
}

func (a *adapter) services() ([]service, error) {
	text, err := os.ReadFile(a.file)
	if err != nil {
		return nil, err
	}
	var services []service
	if err := json.Unmarshal(text, &services); err != nil {
		return nil, fmt.Errorf("%s: %w", a.file, err)
	}
	return services, nil
}

// watch tells xcp when the file is another than the one that was seen, with the groups in it.
func (a *adapter) watch(seen string, known map[string]bool) {
	for range time.Tick(betweenLooks) {
		now := a.stamp()
		if now == seen {
			continue
		}
		// The groups that are gone as well: xcp asks for them, and hears that they are no more.
		touched := known
		seen, known = now, a.groups()
		for group := range known {
			touched[group] = true
		}
		for group := range touched {
			a.send(object{"changed": object{"group": group}})
		}
	}
}

func (a *adapter) stamp() string {
	info, err := os.Stat(a.file)
	if err != nil {
		return "" // it is being replaced
	}
	return fmt.Sprint(info.ModTime().UnixNano(), info.Size())
}

func (a *adapter) groups() map[string]bool {
	groups := map[string]bool{}
	services, _ := a.services() // half written, or wrong: generate will say what is the matter
	for _, s := range services {
		groups[s.Group] = true
	}
	return groups
}

// The resources, as Envoy's documentation writes them, in JSON.

func listener() object {
	return object{
		"@type":   "type.googleapis.com/envoy.config.listener.v3.Listener",
		"name":    "http",
		"address": object{"socket_address": object{"address": "127.0.0.1", "port_value": 10000}},
		"filter_chains": []object{{"filters": []object{{
			"name": "envoy.filters.network.http_connection_manager",
			"typed_config": object{
				"@type": "type.googleapis.com/" +
					"envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
				"stat_prefix": "http",
				// The routes come over xDS too, so that a change of them leaves the listener alone.
				"rds": object{
					"route_config_name": "services",
					"config_source":     object{"ads": object{}, "resource_api_version": "V3"},
				},
				"http_filters": []object{{
					"name": "envoy.filters.http.router",
					"typed_config": object{
						"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
					},
				}},
			},
		}}}},
	}
}

func routes(services []service) object {
	// Envoy takes the first route that fits: the longest prefix has to come first.
	ordered := append([]service(nil), services...)
	sort.Slice(ordered, func(i, j int) bool {
		a, b := ordered[i].Prefix, ordered[j].Prefix
		if len(a) != len(b) {
			return len(a) > len(b)
		}
		return a < b
	})
	entries := []object{}
	for _, s := range ordered {
		entries = append(entries, object{"match": object{"prefix": s.Prefix}, "route": object{"cluster": s.Name}})
	}
	return object{
		"@type":         "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
		"name":          "services",
		"virtual_hosts": []object{{"name": "all", "domains": []string{"*"}, "routes": entries}},
	}
}

func cluster(s service) object {
	address := object{"socket_address": object{"address": s.Address, "port_value": s.Port}}
	return object{
		"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
		"name":  s.Name,
		"type":  "STATIC",
		"load_assignment": object{
			"cluster_name": s.Name,
			"endpoints":    []object{{"lb_endpoints": []object{{"endpoint": object{"address": address}}}}},
		},
	}
}
