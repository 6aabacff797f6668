"""One request each, as httpx makes it, without reading the authorities of the whole web first: that takes 30 ms."""

from functools import partial

import httpx

# everything here is plain HTTP on this machine
request = partial(httpx.request, verify=False)
get, post, delete = partial(request, "GET"), partial(request, "POST"), partial(request, "DELETE")
