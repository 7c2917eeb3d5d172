"""One file for each URL, which parses the request, calls one service and answers."""
