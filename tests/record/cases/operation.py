"""Probes, labels, the specification, and the pages for people."""

from tests.record.case import Case, get

OPERATION = [
    get("health", "/health"),
    get("ready", "/ready"),
    get("metrics", "/metrics"),
    get("openapi", "/openapi.json"),
    get("docs", "/docs"),
    get("docs/asset", "/docs/assets/css/swagger-ui.css"),
    get("page", "/"),
    get("page/script", "/page/js/main.js"),
    get("page/style", "/page/style.css"),
    get("page/icon", "/page/icon.svg"),
    get("page/thumbnail", "/page/thumbs/cat.jpg"),
    get("page/example", "/page/examples/cat.jpg"),
    get("page/none", "/page/none.js"),
    get("page/outside", "/page/examples/..%2Fcli.py"),
    Case("head of health", "HEAD", "/health"),
    Case("options of segment", "OPTIONS", "/segment"),
    get("labels", "/labels"),
    get("labels/named", "/labels?vocabulary=default"),
    get("labels/german", "/labels?lang=de"),
    get("labels/regional", "/labels?lang=pt-BR"),
]
