-- A client that thinks: connections are idle now and then, as they are behind a proxy.
function delay()
  return math.random(0, 10)
end
