"""Puts an answer into an HTTP response."""

from flask import Response, url_for

from api.contract.common import Answer, answer_json
from api.contract.jobs import JobAcceptedAnswer
from domain.jobs import Job


def json_response(answer: Answer, status: int = 200) -> Response:
    """The answer as JSON, without the optional members that were not set."""
    return Response(answer_json(answer), status, mimetype="application/json")


def job_accepted_response(job: Job) -> Response:
    """The answer 202."""
    path = url_for("jobs.job", job_id=job.job_id)
    response = json_response(JobAcceptedAnswer(job_id=job.job_id, status_url=path), 202)
    response.headers["Location"] = path
    return response
