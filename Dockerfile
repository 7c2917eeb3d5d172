FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    SEGLABEL_HOST=0.0.0.0 SEGLABEL_DATA_DIR=/data

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY app.py bootstrap.py cli.py gunicorn.conf.py pyproject.toml ./
COPY adapters adapters
COPY api api
COPY commands commands
COPY config config
COPY domain domain
COPY examples examples
COPY models models
COPY services services
COPY web web

RUN useradd --create-home --uid 1000 seglabel && mkdir /data && chown seglabel /data
USER seglabel
VOLUME /data
EXPOSE 5000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:5000/ready', timeout=4)"]
CMD ["python", "cli.py", "serve"]
