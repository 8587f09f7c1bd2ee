"""SQS, EventBridge and SES as far as our gateways use them, in this process: for what the emulator cannot show.

A stand-in for three services that do not run here. It delivers at least once, and may be told to deliver twice, late,
in another order, and to refuse; it promises no more than AWS. The gateways reach it over HTTP with the real client,
as they do the emulator; the functions behind its queues are whatever it is given to call.

    queue.py     messages that are seen again unless somebody deletes them
    service.py   the HTTP that boto3 speaks
    poller.py    from a queue to a function, batch by batch
"""
