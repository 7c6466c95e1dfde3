/** How messages are put in, taken, settled and come back, inside of Redis. */

/** How many leases and delays that are over one call sees to: whoever asks next sees to more, and Redis does nothing else meanwhile. */
const mostOver = 1000

/** Comes after the shard's. */
export const messagesCode = `
local function place_in(entry) return tonumber(string.sub(entry, 1, 16)) end

local function name_of(place) return string.format('%012x', place) end

-- A record: how often handed out (8 digits), what has happened (a letter and 13 digits each), a bar, and why it is dead.
local function record_of(deliveries, life, dead)
  return string.format('%08d', deliveries) .. string.sub(life, -20 * 14) .. '|' .. dead
end

local function parts_of(record)
  local bar = string.find(record, '|', 9, true)
  return tonumber(string.sub(record, 1, 8)), string.sub(record, 9, bar - 1), string.sub(record, bar + 1)
end

local function event(letter, time) return letter .. string.format('%013d', time) end

local function read_record(queue, entry)
  return queue.is.marked and redis.call('HGET', queue.history, name_of(place_in(entry))) or nil
end

local function keep_record(queue, entry, record)
  redis.call('HSET', queue.history, name_of(place_in(entry)), record)
  if not queue.is.marked then set(queue, 'marked', '1') end
end

-- The record, and the trace that the message was sent in; nil where there is none.
local function read_both(queue, place_name)
  if not queue.is.marked then return nil, nil end
  local both = redis.call('HMGET', queue.history, place_name, place_name .. 't')
  return both[1] or nil, both[2] or nil
end

-- Of messages with one after the other's place.
local function keep_traces(queue, first, last, trace)
  if trace == '' then return end
  local fields = {}
  for place = first, last do
    table.insert(fields, name_of(place) .. 't')
    table.insert(fields, trace)
  end
  redis.call('HSET', queue.history, unpack(fields))
  if not queue.is.marked then set(queue, 'marked', '1') end
end

local function drop_record(queue, place_name)
  if queue.is.marked then redis.call('HDEL', queue.history, place_name, place_name .. 't') end
end

-- That of a message under a lease. One that was handed out for the first time has none yet: when that was, says its lease.
local function record_under_lease(queue, held, ends)
  return read_record(queue, string.sub(held, 14))
    or record_of(1, event('d', ends - tonumber(string.sub(held, 1, 13))), '')
end

local function hide(shard, queue, entry, milliseconds)
  local due = shard.time + milliseconds
  redis.call('ZADD', queue.delayed, string.sub(entry, 1, 16), entry)
  redis.call('ZADD', shard.delays, due, string.sub(entry, 1, 16) .. queue.name)
  add(queue, 'delayed', 1)
  if queue.is.awaited then queue.due = math.min(queue.due or due, due) end
end

local function show(queue, entry)
  redis.call('ZADD', queue.returned, string.sub(entry, 1, 16), entry)
  queue.none_returned = false
  queue.made_available = true
end

-- Ends a lease. Gives whether there was one.
local function release(shard, queue, lease)
  if redis.call('HDEL', queue.held, lease) == 0 then return false end
  redis.call('ZREM', shard.leases, lease .. queue.name)
  queue.changed = true
  return true
end

local depart

-- A lease has ended: by the letter r, given back, or e, over. At once, or hidden for some milliseconds more.
local function come_back(shard, queue, lease, held, ends, letter, milliseconds)
  local entry = string.sub(held, 14)
  local deliveries, life, dead = parts_of(record_under_lease(queue, held, ends))
  life = life .. event(letter, letter == 'e' and ends or shard.time)
  release(shard, queue, lease)
  local most = queue.is.maxDeliveries
  if most and deliveries >= most then
    local why = string.sub(entry, 17, 48) .. string.format('%013d%08d%08d', shard.time, deliveries, most) .. queue.name
    add(queue, 'dead', 1)
    return depart(shard, queue, entry, queue.is.deadLetter, life .. event('x', shard.time), why)
  end
  keep_record(queue, entry, record_of(deliveries, life, dead))
  if milliseconds > 0 then hide(shard, queue, entry, milliseconds) else show(queue, entry) end
end

-- Takes back what has expired, as whoever asks next does.
local function take_back(shard)
  local over = redis.call('ZRANGE', shard.leases, '-inf', shard.time, 'BYSCORE', 'LIMIT', 0, ${mostOver}, 'WITHSCORES')
  for at = 1, #over, 2 do
    local lease, queue = string.sub(over[at], 1, 32), find(shard, string.sub(over[at], 33))
    local held = queue and redis.call('HGET', queue.held, lease)
    if held then
      come_back(shard, queue, lease, held, tonumber(over[at + 1]), 'e', 0)
    else
      redis.call('ZREM', shard.leases, over[at])
    end
  end
end

-- Shows what was hidden until now; once in a call.
local function show_due(shard)
  if shard.tidied.delays then return end
  shard.tidied.delays = true
  for _, member in ipairs(redis.call('ZRANGE', shard.delays, '-inf', shard.time, 'BYSCORE', 'LIMIT', 0, ${mostOver})) do
    local place, queue = tonumber(string.sub(member, 1, 16)), find(shard, string.sub(member, 17))
    local entry = queue and redis.call('ZRANGE', queue.delayed, place, place, 'BYSCORE')[1]
    if entry then
      redis.call('ZREM', queue.delayed, entry)
      add(queue, 'delayed', -1)
      show(queue, entry)
      queue.changed = true
    end
    redis.call('ZREM', shard.delays, member)
  end
end

-- The oldest that waits.
local function oldest(queue)
  local returned = redis.call('ZRANGE', queue.returned, 0, 0)[1]
  local new = redis.call('LINDEX', queue.waiting, 0)
  if returned and new and place_in(new) < place_in(returned) then return new end
  return returned or new or nil
end

local function pop(queue)
  local entry = not queue.none_returned and redis.call('ZPOPMIN', queue.returned)[1]
  if entry and queue.is.mixed then
    -- What was hidden from the first comes back behind what was put in before it.
    local new = redis.call('LINDEX', queue.waiting, 0)
    if new and place_in(new) < place_in(entry) then
      redis.call('ZADD', queue.returned, string.sub(entry, 1, 16), entry)
      return redis.call('LPOP', queue.waiting)
    end
  end
  if entry then return entry end
  queue.none_returned = true
  return redis.call('LPOP', queue.waiting)
end

local function discard_oldest(queue)
  local entry = pop(queue)
  if not entry then return false end
  drop_record(queue, name_of(place_in(entry)))
  add(queue, 'drained', 1)
  queue.changed = true
  return true
end

local function is_too_old(shard, queue)
  local entry = queue.is.maxAgeSeconds and oldest(queue)
  return entry and shard.time - tonumber(string.sub(entry, 49, 61)) > queue.is.maxAgeSeconds * 1000
end

local function drop_old(shard, queue)
  if queue.is.overflow ~= 'drop-oldest' then return end
  while is_too_old(shard, queue) do discard_oldest(queue) end
end

-- Why some more messages are not taken in; nil if they are.
local function overflow(shard, queue, count, is_hidden)
  local most, drops = queue.is.maxLength, queue.is.overflow == 'drop-oldest'
  if most then
    -- Of what is not hidden the last is in nobody's way but that of what is.
    local length = drops and (is_hidden and count or math.min(count, 1)) or depth_of(queue) + count
    if length + queue.is.delayed > most then return refused('MEMQLENGTH', string.format('%d', most)) end
  end
  if not drops and is_too_old(shard, queue) then return refused('MEMQAGE', string.format('%d', queue.is.maxAgeSeconds)) end
end

local function drop_surplus(queue)
  local most = queue.is.overflow == 'drop-oldest' and queue.is.maxLength
  if not most then return end
  while depth_of(queue) + queue.is.delayed > most and discard_oldest(queue) do end
end

-- Puts bodies in, those of a list from an index on. Gives the first's place.
local function put(shard, queue, tail, milliseconds, trace, bodies, from)
  local first, entries = queue.is.enqueued + 1, {}
  local time = string.format('%013d', shard.time)
  for at = from, #bodies do
    local place = first + at - from
    table.insert(entries, string.format('%016d', place) .. name_of(place) .. tail .. time .. bodies[at])
  end
  add(queue, 'enqueued', #entries)
  keep_traces(queue, first, first + #entries - 1, trace)
  if milliseconds > 0 then
    if not queue.is.mixed then set(queue, 'mixed', '1') end
    for _, entry in ipairs(entries) do hide(shard, queue, entry, milliseconds) end
  else
    redis.call('RPUSH', queue.waiting, unpack(entries))
    queue.made_available = true
  end
  drop_surplus(queue)
  queue.changed = true
  return first
end

-- Takes one message: finishes it, or has it under a lease of some milliseconds. Gives it, and its record and its trace where it has either.
local function take_one(shard, queue, tail, milliseconds)
  local entry = pop(queue)
  if not entry then return nil end
  local place_name = name_of(place_in(entry))
  local record, trace = read_both(queue, place_name)
  if record then
    local deliveries, life, dead = parts_of(record)
    record = record_of(deliveries + 1, milliseconds and life .. event('d', shard.time) or life, dead)
  end
  if milliseconds then
    local lease, ends = place_name .. tail, shard.time + milliseconds
    redis.call('HSET', queue.held, lease, string.format('%013d', milliseconds) .. entry)
    redis.call('ZADD', shard.leases, ends, lease .. queue.name)
    if record then redis.call('HSET', queue.history, place_name, record) end
    if queue.is.awaited then queue.due = math.min(queue.due or ends, ends) end
  else
    add(queue, 'dequeued', 1)
    if record or trace then drop_record(queue, place_name) end
  end
  queue.changed = true
  return (record or trace) and { entry, record or '', trace or '' } or entry
end

local function nothing_in(queue) return { redis.call('HLEN', queue.held), queue.is.delayed } end

-- Takes up to some messages. Gives them, or where there is none how many are leased, and how many hidden.
local function take(shard, queue, count, tail, milliseconds)
  local messages = {}
  while #messages < count do
    local message = take_one(shard, queue, tail, milliseconds)
    if not message then break end
    table.insert(messages, message)
    -- Behind one that was sent anew there may be one that is older.
    if queue.is.maxAgeSeconds then drop_old(shard, queue) end
  end
  if #messages == 0 then return nothing_in(queue) end
  return messages
end

local operations = {}

-- An operation on a queue that there is; its first argument is the queue's name.
local function on_queue(run)
  return function(shard, args)
    local queue = find(shard, args[1])
    if not queue then return refused('MEMQUNKNOWN') end
    if queue.is.delayed > 0 then show_due(shard) end
    if queue.is.maxAgeSeconds then drop_old(shard, queue) end
    return run(shard, queue, args)
  end
end

-- Arguments: how an id ends, for how many milliseconds they are hidden, the trace, the bodies. Gives the first's place, and the time.
operations.enqueue = on_queue(function(shard, queue, args)
  local milliseconds = tonumber(args[3])
  local full = overflow(shard, queue, #args - 4, milliseconds > 0)
  return full or { put(shard, queue, args[2], milliseconds, args[4], args, 5), shard.time }
end)

-- A message that may be sent again. Arguments: the sender's key, the body's hash, how long and how many of them are remembered, then as above.
-- Gives the message without its body.
operations.send = on_queue(function(shard, queue, args)
  local _, key, hash, seconds, count, tail, milliseconds, trace = unpack(args)
  local times, sent = key_in(shard, 'sent-times'), key_in(shard, 'sent')
  if not shard.tidied.sent then
    shard.tidied.sent = true
    for _, old in ipairs(forget(shard, times, seconds, count)) do redis.call('HDEL', sent, old) end
  end
  key = queue.is.made .. ' ' .. key
  local before = redis.call('HGET', sent, key)
  if before then
    return string.sub(before, 62) == hash and { string.sub(before, 1, 61) } or refused('MEMQREUSED')
  end
  milliseconds = tonumber(milliseconds)
  local full = overflow(shard, queue, 1, milliseconds > 0)
  if full then return full end
  local place = put(shard, queue, tail, milliseconds, trace, args, 9)
  local head = string.format('%016d', place) .. name_of(place) .. tail .. string.format('%013d', shard.time)
  redis.call('ZADD', times, shard.made, key)
  redis.call('HSET', sent, key, head .. hash)
  for _, remembered in ipairs({ times, sent }) do redis.call('EXPIRE', remembered, seconds) end
  return { head }
end)

-- Arguments: how many at most, and how a lease ends and its milliseconds, or neither.
operations.dequeue = on_queue(function(shard, queue, args)
  return take(shard, queue, tonumber(args[2]), args[3], tonumber(args[4]))
end)

-- Arguments: how long and how many are remembered, leases. One that was acked is acked: the answer may have been lost.
operations.ack = on_queue(function(shard, queue, args)
  local acked, gone = key_in(shard, 'acked'), { 0 }
  for at = 4, #args do
    local lease = args[at]
    if release(shard, queue, lease) then
      drop_record(queue, string.sub(lease, 1, 12))
      add(queue, 'dequeued', 1)
      redis.call('ZADD', acked, shard.made, lease .. queue.is.made)
    elseif not redis.call('ZSCORE', acked, lease .. queue.is.made) then
      table.insert(gone, at - 4)
    end
  end
  if not shard.tidied.acked then
    shard.tidied.acked = true
    forget(shard, acked, args[2], args[3])
    redis.call('EXPIRE', acked, args[2])
  end
  return gone
end)

-- Does something to each of some leases, from an argument on. Gives which are gone, by their number.
local function with_leases(queue, args, from, run)
  local gone = { 0 }
  for at = from, #args do
    local held = redis.call('HGET', queue.held, args[at])
    if held then run(args[at], held) else table.insert(gone, at - from) end
  end
  return gone
end

-- Arguments: for how many milliseconds they are hidden, leases.
operations.nack = on_queue(function(shard, queue, args)
  return with_leases(queue, args, 3, function(lease, held)
    local ends = tonumber(redis.call('ZSCORE', shard.leases, lease .. queue.name))
    come_back(shard, queue, lease, held, ends, 'r', tonumber(args[2]))
  end)
end)

-- Argument: a lease.
operations.renew = on_queue(function(shard, queue, args)
  return with_leases(queue, args, 2, function(lease, held)
    local member = lease .. queue.name
    local ends = tonumber(redis.call('ZSCORE', shard.leases, member))
    keep_record(queue, string.sub(held, 14), record_under_lease(queue, held, ends))
    redis.call('ZADD', shard.leases, shard.time + tonumber(string.sub(held, 1, 13)), member)
  end)
end)
`
