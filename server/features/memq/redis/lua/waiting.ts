/**
 * Who waits for messages, inside of Redis: a sorted set of each queue, in the order of arrival, of server (16 digits) and number. Whoever makes a
 * message available tells the servers, and each asks for its first: it is given one if fewer stand before it than messages wait. A
 * server of those ahead that does not come is struck out.
 */

/** How long the servers of those ahead have to come, in milliseconds; with the way there and back, it is a second. */
const patience = 900
/** After how many milliseconds one asks again that is not first, so that nobody takes its server for dead. */
const again = 300
/** Longer than anybody waits, in seconds. */
const longest = 60

/** Comes last of the operations. */
export const waitingCode = `
local function stand_in_line(queue, member)
  add(queue, 'arrivals', 1)
  redis.call('ZADD', queue.waiters, string.format('%d', queue.is.arrivals), member)
  redis.call('EXPIRE', queue.waiters, ${longest})
  if not queue.is.awaited then set(queue, 'awaited', '1') end
end

local function step_out(queue, member)
  redis.call('ZREM', queue.waiters, member)
  if redis.call('EXISTS', queue.waiters) == 1 then return end
  redis.call('UNLINK', queue.servers)
  set(queue, 'awaited', nil)
  set(queue, 'called', nil)
end

local function sign_of_life(shard, queue, server)
  redis.call('ZADD', queue.servers, shard.time, server)
  redis.call('EXPIRE', queue.servers, ${longest})
end

-- Strikes out those ahead whose servers have not come since the messages are there. Gives how many stay ahead, and the first of them that is
-- of the asking server: this may have lost it with an answer, or take another one for its first.
local function strike_out(shard, queue, rank, asking)
  local called, is_there, stay, own = queue.is.called or shard.time, {}, 0, nil
  for _, member in ipairs(redis.call('ZRANGE', queue.waiters, 0, rank - 1)) do
    local server = string.sub(member, 1, 16)
    if is_there[server] == nil then
      local sign = tonumber(redis.call('ZSCORE', queue.servers, server)) or 0
      is_there[server] = math.max(sign, called) + ${patience} > shard.time
    end
    if is_there[server] then stay = stay + 1 else redis.call('ZREM', queue.waiters, member) end
    if server == asking then own = own or string.sub(member, 17) end
  end
  if stay < rank then queue.made_available = true end
  return stay, own
end

-- The first of a sorted set whose members end with the queue's name: its score, or behind very many of other queues some score before it.
local function first_of(key, queue, from)
  local at = 0
  repeat
    local flat = redis.call('ZRANGE', key, at, at + 99, 'WITHSCORES')
    for index = 1, #flat, 2 do
      if string.sub(flat[index], from) == queue.name then return tonumber(flat[index + 1]) end
    end
    at = at + 100
    if at == 1000 then return tonumber(flat[200]) end
  until #flat < 200
end

-- When to ask again though nothing is told, in milliseconds from now: -1, never.
local function when_again(shard, queue, depth)
  if depth > 0 then return ${again} end
  local first = redis.call('HLEN', queue.held) > 0 and first_of(shard.leases, queue, 33)
  local due = queue.is.delayed > 0 and first_of(shard.delays, queue, 17)
  if due and (not first or due < first) then first = due end
  return first and math.max(0, first - shard.time) or -1
end

local function in_vain(shard, queue, depth, own)
  return { redis.call('HLEN', queue.held), queue.is.delayed, when_again(shard, queue, depth), queue.is.made, own }
end

-- Arguments: server, its number for the one who waits, then as dequeue. Takes what there is at once, or stands in line.
operations.wait = on_queue(function(shard, queue, args)
  local taken = take(shard, queue, tonumber(args[4]), args[5], tonumber(args[6]))
  if type(taken[1]) ~= 'number' then return taken end
  stand_in_line(queue, args[2] .. args[3])
  sign_of_life(shard, queue, args[2])
  return in_vain(shard, queue, 0)
end)

-- Whether it is another queue, made anew under the name of the one that was waited for.
local function is_another(queue, made) return made and made ~= queue.is.made end

-- The same of one that stands in line, or did before it was struck out; behind the rest is what was given in vain of when the queue was made.
-- Gives in vain also which of its server's stands ahead, if one does.
operations.ask = on_queue(function(shard, queue, args)
  if is_another(queue, args[7]) then return refused('MEMQUNKNOWN') end
  local member = args[2] .. args[3]
  if not redis.call('ZSCORE', queue.waiters, member) then stand_in_line(queue, member) end
  sign_of_life(shard, queue, args[2])
  local depth, rank = depth_of(queue), redis.call('ZRANK', queue.waiters, member)
  local own
  if depth > 0 and rank >= depth then rank, own = strike_out(shard, queue, rank, args[2]) end
  if rank >= depth then return in_vain(shard, queue, depth, own) end
  step_out(queue, member)
  return take(shard, queue, math.min(tonumber(args[4]), depth - rank), args[5], tonumber(args[6]))
end)

-- Arguments: as ask. Takes what there is, for the last time, if it is told how.
operations.leave = on_queue(function(shard, queue, args)
  if is_another(queue, args[7]) then return refused('MEMQUNKNOWN') end
  step_out(queue, args[2] .. args[3])
  queue.made_available = true
  if not args[4] then return nothing_in(queue) end
  return take(shard, queue, tonumber(args[4]), args[5], tonumber(args[6]))
end)

-- Arguments: leases, which are finished now that it is known that who waited is still there.
operations.finish = on_queue(function(shard, queue, args)
  return with_leases(queue, args, 2, function(lease)
    release(shard, queue, lease)
    drop_record(queue, string.sub(lease, 1, 12))
    add(queue, 'dequeued', 1)
  end)
end)

-- Arguments: leases. As if their messages had not been handed out: who should get them had left.
operations.undo = on_queue(function(shard, queue, args)
  return with_leases(queue, args, 2, function(lease, held)
    local entry = string.sub(held, 14)
    local record = read_record(queue, entry)
    if record then
      local deliveries, life, dead = parts_of(record)
      keep_record(queue, entry, record_of(deliveries - 1, string.sub(life, 1, -15), dead))
    end
    release(shard, queue, lease)
    show(queue, entry)
  end)
end)
`
