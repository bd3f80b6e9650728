module example.com/xcp-adapter

go 1.21
