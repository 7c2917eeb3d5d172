"""The server of a gunicorn process: it buffers requests and answers, so slow clients occupy no thread."""
