"""
What schemathesis must not ask: a workload that ends the process when it is complete would end the test with it, Traffic would ask whatever it is told,
and who waits for a message in vain holds the test up.
"""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    wait = str((case.query or {}).get("wait", ""))
    if wait.isascii() and wait.isdigit() and int(wait) <= 20:
        case.query["wait"] = 0
    if not isinstance(case.body, dict):
        return
    if case.path in ("/keygen", "/traffic") and "exitOnComplete" in case.body:
        case.body["exitOnComplete"] = False
    if case.path == "/traffic" and case.body.get("enable") is True:
        case.body["enable"] = False


@schemathesis.hook
def filter_case(context, case):
    """A name that the server doesn't know may stand in any query: it is for others, such as a proxy."""
    return not any("unknown-property" in name for name in case.query or {})
