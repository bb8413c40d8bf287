/** Counts messages. The first number is the time in µs, so that numbers also grow when Redis has lost its data. */
const nextNumber = `
local function nextNumber(key)
  local time = redis.call('TIME')
  redis.call('SET', key, time[1] * 1000000 + time[2], 'NX')
  return redis.call('INCR', key)
end
local function writeAll(json)
  for _, write in ipairs(cjson.decode(json)) do redis.pcall(unpack(write)) end
end`;

/**
 * Writes a batch and tells the other gateways, once: a batch that is sent again, since its answer was lost, changes nothing.
 * KEYS: the batch, the number of the last message. ARGV: the writes as JSON, the message, the channel, how long the batch is
 * known (ms). A write to a key of another type fails alone.
 */
export const writeBatch = `${nextNumber}
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[4]) then return 0 end
writeAll(ARGV[1])
redis.call('PUBLISH', ARGV[3], string.format('%.0f', nextNumber(KEYS[2])) .. ' ' .. ARGV[2])
return 1`;

/** Writes everything, unless a gateway has done so. KEYS: the mark that one has, the number of the last message. ARGV: the writes as JSON, the mark. */
export const writeFirst = `${nextNumber}
if not redis.call('SET', KEYS[1], ARGV[2], 'NX') then return 0 end
writeAll(ARGV[1])
nextNumber(KEYS[2])
return 1`;

/**
 * What is in force until some time. KEYS: the sorted set of names by the time at which they end (ms). ARGV: the start of their
 * keys. Returns names and values in turn.
 */
export const readUntil = `
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000)
local found = {}
for _, name in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local value = redis.call('GET', ARGV[1] .. name)
  if value then
    table.insert(found, name)
    table.insert(found, value)
  end
end
return found`;

/** The counts of periods. KEYS: the sorted set of their keys by the time at which they end (ms). Returns keys and hashes in turn. */
export const readPeriods = `
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000)
local found = {}
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  table.insert(found, key)
  table.insert(found, redis.call('HGETALL', key))
end
return found`;

/** The newest values. KEYS: the sorted set of their names by the time at which they end (ms). ARGV: the start of their keys, the most characters. Returns names and values in turn. */
export const readNewest = `
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000)
local found = {}
local left = tonumber(ARGV[2])
for _, name in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, 499)) do
  local value = redis.call('GET', ARGV[1] .. name)
  if value then
    left = left - #value
    if left < 0 then break end
    table.insert(found, name)
    table.insert(found, value)
  end
end
return found`;
