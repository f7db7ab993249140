-- What wrk sends when it is not one plain GET. BENCH_DEPTH requests go out at once; BENCH_BODY makes them POSTs of JSON.
local depth = tonumber(os.getenv("BENCH_DEPTH") or "1")
local body = os.getenv("BENCH_BODY")

if body ~= nil and body ~= "" then
  wrk.method = "POST"
  wrk.body = body
  wrk.headers["Content-Type"] = "application/json"
end

if depth > 1 then
  local batch
  init = function()
    local requests = {}
    for i = 1, depth do requests[i] = wrk.format() end
    batch = table.concat(requests)
  end
  request = function() return batch end
end
