"""AWS as commands ask it, where no account is."""

import boto3
from botocore.stub import Stubber

_REAL = boto3.Session(region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")


class Session:
    """A double: its clients hold what is asked of them against the service's model, and answer from here."""

    def __init__(self):
        self.made = {}

    def client(self, service):
        if service not in self.made:
            client = _REAL.client(service)
            self.made[service] = client, Stubber(client)
            self.made[service][1].activate()
        return self.made[service][0]

    def answers(self, service, operation, answer, expected=None):
        """The next call of that service must be this operation, with what is expected."""
        self.client(service)
        self.made[service][1].add_response(operation, answer, expected)

    def was_asked_all(self):
        """Whatever had an answer here was asked."""
        for _, stub in self.made.values():
            stub.assert_no_pending_responses()
