/** How a queue's messages are looked at, inside of Redis. */

/** Comes after the messages'. */
export const peekCode = `
-- At which index of the list of what is new the first one behind a place is. Places rise, so it is no further from either end than the
-- places are: where none was taken out of the middle, two looks tell.
local function index_behind(queue, place)
  local length = redis.call('LLEN', queue.waiting)
  if length == 0 then return 0 end
  local first, last = place_in(redis.call('LINDEX', queue.waiting, 0)), place_in(redis.call('LINDEX', queue.waiting, -1))
  local low = math.max(0, length - 1 - (last - place) + 1)
  local high = math.min(length, math.max(0, place - first + 1))
  if place >= last then return length end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if place_in(redis.call('LINDEX', queue.waiting, middle)) > place then high = middle else low = middle + 1 end
  end
  return low
end

local function by_place(one, other) return place_in(one) < place_in(other) end

local function sorted_behind(key, place, count)
  return redis.call('ZRANGE', key, '(' .. string.format('%d', place), '+inf', 'BYSCORE', 'LIMIT', 0, count)
end

-- The first ones that wait behind a place, up to some number.
local function waiting_behind(queue, place, count)
  local entries = sorted_behind(queue.returned, place, count)
  local index = index_behind(queue, place)
  for _, entry in ipairs(redis.call('LRANGE', queue.waiting, index, index + count - 1)) do table.insert(entries, entry) end
  table.sort(entries, by_place)
  return { unpack(entries, 1, math.min(count, #entries)) }
end

-- Leases by the places of their messages, behind one, up to some number. A server of the version before names them otherwise.
local function held_behind(queue, place, count)
  local found = {}
  for _, lease in ipairs(redis.call('HKEYS', queue.held)) do
    local its = tonumber(string.sub(lease, 1, 12), 16)
    if not its or its > queue.is.enqueued then its = place_in(string.sub(redis.call('HGET', queue.held, lease), 14, 29)) end
    if its > place then table.insert(found, { place = its, lease = lease }) end
  end
  table.sort(found, function(one, other) return one.place < other.place end)
  return { unpack(found, 1, math.min(count, #found)) }
end

local function shown(queue, state, ends, entry, record)
  local _, trace = read_both(queue, name_of(place_in(entry)))
  return { state, ends, string.sub(entry, 1, 61), string.sub(entry, 62, 61 + 4096), #entry - 61, record or '', trace or '' }
end

-- Arguments: behind which place, how many. Gives whether there are more, and messages: state, end, head, the start of the body and
-- its length in bytes, record, trace.
operations.peek = on_queue(function(shard, queue, args)
  local place, count = tonumber(args[2]), tonumber(args[3])
  local found = {}
  for _, entry in ipairs(waiting_behind(queue, place, count + 1)) do
    table.insert(found, { place = place_in(entry), state = 'waiting', entry = entry })
  end
  for _, entry in ipairs(sorted_behind(queue.delayed, place, count + 1)) do
    table.insert(found, { place = place_in(entry), state = 'delayed', entry = entry })
  end
  for _, held in ipairs(held_behind(queue, place, count + 1)) do table.insert(found, held) end
  table.sort(found, function(one, other) return one.place < other.place end)
  local reply = { #found > count and 1 or 0 }
  for at = 1, math.min(count, #found) do
    local one = found[at]
    if one.lease then
      local held = redis.call('HGET', queue.held, one.lease)
      local ends = tonumber(redis.call('ZSCORE', shard.leases, one.lease .. queue.name))
      table.insert(reply, shown(queue, 'leased', ends, string.sub(held, 14), record_under_lease(queue, held, ends)))
    else
      local member = string.sub(one.entry, 1, 16) .. queue.name
      local ends = one.state == 'delayed' and tonumber(redis.call('ZSCORE', shard.delays, member)) or 0
      table.insert(reply, shown(queue, one.state, ends, one.entry, read_record(queue, one.entry)))
    end
  end
  return reply
end)
`
