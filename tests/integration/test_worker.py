"""A background worker runs jobs where Flask cannot even be imported."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

WORKER = """
import json, sys, time
for name in ("flask", "werkzeug", "flask_openapi3", "flask_cors"):
    sys.modules[name] = None
from pathlib import Path
from api.contract.images import RequestImage
from api.contract.segment import SegmentRequest
from bootstrap import build_jobs, build_services, build_tasks
from config.settings import Settings
from services.admission import Admission

settings = Settings(data_dir=Path(sys.argv[1]))
services = build_services(settings)
tasks = build_tasks(services)
jobs = build_jobs(settings, tasks, Admission(1, 1))
file_id = services.images.upload(Path("examples/cat.jpg").read_bytes()).file_id
request = SegmentRequest(file_id=file_id, points_per_side=4, overlay=False)
tasks.segment.check(request, RequestImage.uploaded(services.images, file_id))
job = jobs.submit(tasks.segment.job(request, [file_id], batch=False))
while not jobs.view(job.job_id).job.final:
    time.sleep(0.05)
view = jobs.view(job.job_id)
jobs.stop(10)
print(json.dumps({"state": view.job.state, "answer": json.loads(next(iter(jobs.items(view))).answer)}))
"""


def test_a_worker_needs_no_flask(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["state"] == "succeeded"
    assert any(entry["label"] == "cat" for entry in found["answer"]["labels"])
