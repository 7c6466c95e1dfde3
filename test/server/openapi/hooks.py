"""What schemathesis must not ask: a KeyGen workload that ends the process when it is complete would end the test with it."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.path == "/keygen" and isinstance(case.body, dict) and "exitOnComplete" in case.body:
        case.body["exitOnComplete"] = False
