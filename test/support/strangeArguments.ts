// Arguments and names of a call of `get_weather` as providers send them.

export const paris = '{"city":"Paris"}';

/** Fragments of the arguments, and what the client gets. */
export const streamedArguments: [string, string[], string][] = [
  ['{} first', ['{}', '{"city"', ':"Paris"}'], paris],
  ['the whole text so far each time', ['{"ci', '{"city":"Par', paris], paris],
  ['nothing', [], '{}'],
  ['empty text', [''], '{}'],
  ['null', ['null'], '{}'],
  ['null before the real ones', ['null', paris], paris],
  ['JSON within JSON', [JSON.stringify(paris)], paris],
  ['a list around the object', [`[${paris}]`], paris],
  ['the same object twice', [paris, paris], paris],
  ['a list as text', ['{"days":"[1,', '2]"}'], '{"days":[1,2]}'],
];

/** The same, in one piece. */
export const pieceOfArguments: [string, string, string][] = [
  ['a line end within a string', '{"city":"Pa\nris\t"}', '{"city":"Pa\\nris\\t"}'],
  ['a fence around it', '```json\n{"city":"Paris"}\n```', '{"city":"Paris"}'],
  ['a token behind it', '{"city":"Paris"}<|tool_call_end|>', '{"city":"Paris"}'],
];

/** What stands in place of the arguments in a whole reply. */
export const wholeArguments: [string, unknown, string][] = [
  ['absent', undefined, '{}'],
  ['null', null, '{}'],
  ['empty', '', '{}'],
  ['a list', [{ city: 'Paris' }], paris],
  ['an object', { city: 'Paris' }, paris],
  ['JSON text', paris, paris],
  ['JSON within JSON', JSON.stringify(paris), paris],
  ['a parameter as JSON text', { days: '[1,2]' }, '{"days":[1,2]}'],
];

/** Names that mean `get_weather`. */
export const strangeNames = [
  'get_weather<|channel|>commentary',
  'functions.get_weather',
  ' get_weather',
  'get_weather</tool_call>',
  'get_weather<arg_key>city',
  'default_api:get_weather',
  'default_api.get_weather',
  'functions.get_weather:0',
  '"get_weather"',
  'get_weather()',
  'Get_Weather',
  'get-weather',
  'getWeather',
];
