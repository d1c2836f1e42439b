from __future__ import annotations
from typing import Any
import base64
from imagekit.testing import picture

def test_a_picture(served: Any) -> None:
    got = served.generate(size="2048x2048", quality="auto", user="me", style="vivid")
    print(got.status, dict(got.headers)); print(got.body.decode()[:3000])
    assert got.status == 200
    url = got.json["data"][0]["url"]
    pic = served.ask("GET", url, headers={"Authorization": ""})
    print(pic.status, dict(pic.headers), len(pic.body))
    l = served.get("/v1/images"); print(l.status, l.body.decode())
    id = l.json["data"][0]["id"]
    for p in (f"/v1/images/{id}", f"/v1/images/{id}/content", f"/v1/images/{id}/content?format=url", f"/v1/images/{id}/content?format=binary"):
        a = served.get(p); print(p, a.status, a.body[:300])
    d = served.ask("DELETE", f"/v1/images/{id}"); print(d.status, d.body)
    print(served.get(f"/v1/images/{id}").body)
    m = served.get("/v1/models"); print(m.status, len(m.body), [x["id"] for x in m.json["data"]])
    a = served.generate(size="100x100", foo=1, n="x", prompt=""); print(a.status, a.body.decode())
    a = served.generate(model="gpt-image-1", size="1024x1024"); print(a.status, a.body[:400], a.body[-500:])
    a = served.ask("POST","/v1/images/edits", {"model":"seedream-4.0","prompt":"x","image":["data:image/png;base64,"+base64.b64encode(picture(64,64)).decode(), "/etc/passwd"]}); print(a.status, a.body.decode())
    a = served.ask("POST","/v1/images/edits", {"model":"seedream-4.0","prompt":"x","image":["data:image/png;base64,"+base64.b64encode(picture(64,64)).decode()]}); print(a.status, a.body.decode()[:300])
    r = served.pool.request("POST", served.url+"/v1/images/edits", fields={"model":"seedream-4.0","prompt":"a","image":("a.png",picture(64,64),"application/octet-stream"),"n":"1"}, headers={"Authorization":f"Bearer {served.key}"})
    print(r.status, r.data[:500])
    r = served.ask("POST", "/v1/images/generations", {"model":"seedream-4.0","prompt":"a","stream":True}); print(r.status, r.headers, r.body[:300], r.body[-300:])
    r = served.generate(headers={"Prefer":"respond-async"}); print(r.status, dict(r.headers), r.body)
    r = served.get(r.headers["Location"]+"?wait=10"); print(r.status, r.body.decode()[:1500])
    print(served.ask("GET","/nope").body, served.ask("PUT","/v1/images").body, served.get("/healthz").body, served.get("/readyz").body, served.get("/metrics").body[:100])
    print(served.get("/v1/images", key="ik-no").body)
    a = served.generate(headers={"Idempotency-Key":"k1"}); b = served.generate(headers={"Idempotency-Key":"k1"}); print(a.json["metadata"]["id"], b.json["metadata"]["id"], b.headers.get("Idempotent-Replayed"), b.body[:300])
    print(len(served.get("/openapi.json").body))
