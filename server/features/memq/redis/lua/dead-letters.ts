/**
 * How messages go to another queue, inside of Redis. Its shard may be on another node: so a message leaves into an outbox, is brought by any
 * server, arrives once, whoever brings it, and is struck out of the outbox.
 */

/** Comes after `peek`. */
export const deadLettersCode = `
-- Leaves for a queue. It is known by the id that it had here; those that leave keep their order.
function depart(shard, queue, entry, target, life, dead)
  local order = redis.call('HINCRBY', shard.totals, 'departed', 1)
  local parcel = string.sub(entry, 49, 61) .. string.format('%04d', #life) .. life .. string.format('%05d', #dead) .. dead .. string.sub(entry, 62)
  local id, place_name = string.sub(entry, 17, 48), name_of(place_in(entry))
  local _, trace = read_both(queue, place_name)
  redis.call('ZADD', key_in(shard, 'outbox'), order, id .. string.format('%05d', #target) .. target .. parcel)
  if trace then redis.call('HSET', key_in(shard, 'outbox-traces'), id, trace) end
  drop_record(queue, place_name)
  shard.departures = shard.departures + 1
  queue.changed = true
end

-- Gives the first ones in the outbox, up to some number: order, id, where to, parcel, and trace.
function operations.departures(shard, args)
  local found, flat = {}, redis.call('ZRANGE', key_in(shard, 'outbox'), 0, args[1] - 1, 'WITHSCORES')
  local traces = key_in(shard, 'outbox-traces')
  for at = 1, #flat, 2 do
    local id, last = string.sub(flat[at], 1, 32), 37 + tonumber(string.sub(flat[at], 33, 37))
    local trace = redis.call('HGET', traces, id) or ''
    table.insert(found, { flat[at + 1], id, string.sub(flat[at], 38, last), string.sub(flat[at], last + 1), trace })
  end
  -- What servers of the version before leave, when they bring what others have sent.
  if #flat == 0 then redis.call('UNLINK', traces) end
  return found
end

-- Strikes out what has arrived. Arguments: for each its order and its id.
function operations.strike(shard, args)
  for at = 1, #args, 2 do
    redis.call('ZREMRANGEBYSCORE', key_in(shard, 'outbox'), args[at], args[at])
    redis.call('HDEL', key_in(shard, 'outbox-traces'), args[at + 1])
  end
  return { 0 }
end

-- Arguments: the departure's id, where to, the parcel, how its new id ends, its trace.
function operations.arrive(shard, args)
  local id, target, parcel, tail, trace = unpack(args)
  if redis.call('ZADD', key_in(shard, 'arrived'), 'NX', '+inf', id) == 0 then return { 0 } end
  local queue = find(shard, target) or make(shard, target)
  local life_end = 17 + tonumber(string.sub(parcel, 14, 17))
  local dead_end = life_end + 5 + tonumber(string.sub(parcel, life_end + 1, life_end + 5))
  local place = queue.is.enqueued + 1
  local entry = string.format('%016d', place) .. name_of(place) .. tail .. string.sub(parcel, 1, 13) .. string.sub(parcel, dead_end + 1)
  add(queue, 'enqueued', 1)
  redis.call('RPUSH', queue.waiting, entry)
  keep_record(queue, entry, record_of(0, string.sub(parcel, 18, life_end), string.sub(parcel, life_end + 6, dead_end)))
  keep_traces(queue, place, place, trace)
  drop_surplus(queue)
  queue.made_available = true
  queue.changed = true
  return { 0 }
end

-- What has been struck out is remembered for an hour more: someone who has read the outbox before may bring it again. Arguments: ids.
function operations.settled(shard, args)
  local arrived = key_in(shard, 'arrived')
  local is_needed = redis.call('EXISTS', shard.queues) == 1
  for _, id in ipairs(args) do
    if is_needed then redis.call('ZADD', arrived, 'XX', shard.made, id) else redis.call('ZREM', arrived, id) end
  end
  redis.call('ZREMRANGEBYSCORE', arrived, '-inf', shard.micros - 3600 * 1000000)
  return { 0 }
end

local function send_back(shard, queue, entry)
  local record = read_record(queue, entry)
  local _, life, dead = parts_of(record or record_of(0, '', ''))
  if dead == '' then return 0 end
  if redis.call('ZREM', queue.returned, entry) == 0 then redis.call('LREM', queue.waiting, 1, entry) end
  add(queue, 'dequeued', 1)
  depart(shard, queue, entry, string.sub(dead, 62), life .. event('v', shard.time), '')
  return 1
end

-- Arguments: behind which place and up to which one (none: the last there is), how many are looked at. Gives how many leave, which was
-- looked at last, and up to which place.
operations.redrive = on_queue(function(shard, queue, args)
  local after, last, count = tonumber(args[2]), tonumber(args[3]) or queue.is.enqueued, tonumber(args[4])
  local moved, seen = 0, last
  local entries = waiting_behind(queue, after, count)
  for _, entry in ipairs(entries) do
    if place_in(entry) > last then break end
    moved = moved + send_back(shard, queue, entry)
  end
  if #entries == count then seen = math.min(last, place_in(entries[count])) end
  return { moved, seen, last }
end)

-- Argument: an id.
operations.redriveOne = on_queue(function(shard, queue, args)
  local entry = waiting_behind(queue, tonumber(string.sub(args[2], 1, 12), 16) - 1, 1)[1]
  if not entry or string.sub(entry, 17, 48) ~= args[2] then return { 0 } end
  return { send_back(shard, queue, entry) }
end)
`
