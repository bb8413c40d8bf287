// Finds the small faults that can be put into a source file, and writes the file with all of them, each behind a switch.
import { parseAst } from 'vitest/node';

const otherOperators = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '/',
  '/': '*',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+=': '-=',
  '-=': '+=',
};
const otherMethods = new Map(
  Object.entries({
    some: 'every',
    every: 'some',
    min: 'max',
    max: 'min',
    startsWith: 'endsWith',
    endsWith: 'startsWith',
  }),
);

/**
 * @typedef {object} Mutant
 * @property {number} id from 1
 * @property {number} start
 * @property {number} end
 * @property {string} text instead of what is from `start` to `end`
 * @property {boolean} isStatement
 * @property {string} what
 * @property {number} line
 */

/**
 * Every mutant of a file.
 * @param {string} source TypeScript
 * @returns {Mutant[]}
 */
export function mutantsOf(source) {
  const found = [];
  const add = (what, { start, end }, text, isStatement = false) => {
    const line = source.slice(0, start).split('\n').length;
    if (source.slice(start, end) !== text)
      found.push({ id: found.length + 1, start, end, text, isStatement, what, line });
  };
  visit(parseAst(source, { lang: 'ts' }), (node, parent) => mutators[node.type]?.(node, add, source, parent));
  return found;
}

/**
 * The file with every mutant in it. `$mutant(id)` decides while it runs whether one is in effect.
 * @param {string} source
 * @param {Mutant[]} mutants
 */
export function withSwitches(source, mutants) {
  const regions = new Map();
  for (const mutant of mutants) {
    const key = `${mutant.start} ${mutant.end}`;
    if (!regions.has(key)) regions.set(key, { start: mutant.start, end: mutant.end, mutants: [] });
    regions.get(key).mutants.push(mutant);
  }
  // Outer ones first.
  const sorted = [...regions.values()].sort((one, other) => one.start - other.start || other.end - one.end);
  return renderRange(source, { start: 0, end: source.length }, sorted);
}

function renderRange(source, { start, end }, regions) {
  let text = '';
  let offset = start;
  for (let index = 0; index < regions.length;) {
    const region = regions[index];
    let next = index + 1;
    while (next < regions.length && regions[next].start < region.end) next++;
    text += source.slice(offset, region.start) + renderRegion(source, region, regions.slice(index + 1, next));
    offset = region.end;
    index = next;
  }
  return text + source.slice(offset, end);
}

function renderRegion(source, region, inner) {
  const original = renderRange(source, region, inner);
  const [first] = region.mutants;
  if (first.isStatement)
    return region.mutants.reduce((rest, { id, text }) => `{if($mutant(${id})){${text}}else{${rest}}}`, original);
  return region.mutants.reduce((rest, { id, text }) => `($mutant(${id})?(${text}):(${rest}))`, original);
}

const mutators = {
  BinaryExpression: changeOperator,
  LogicalExpression: changeOperator,
  AssignmentExpression: changeOperator,
  UnaryExpression(node, add, source) {
    if (node.operator === '!') add('negation removed', node, textOf(node.argument, source));
  },
  Literal(node, add, _source, parent) {
    if (parent.key === node) return;
    if (typeof node.value === 'boolean') add('boolean flipped', node, String(!node.value));
    if (typeof node.value === 'number') add('number changed', node, `${node.raw} + 1`);
    if (typeof node.value === 'string' && isCode(node, parent)) add('text changed', node, `'no ${node.value.length}'`);
  },
  CallExpression(node, add, source) {
    const { callee } = node;
    const other = callee.type === 'MemberExpression' && !callee.computed && otherMethods.get(callee.property.name);
    if (!other) return;
    const [before, after] = [
      source.slice(node.start, callee.property.start),
      source.slice(callee.property.end, node.end),
    ];
    add(`${other} for ${callee.property.name}`, node, before + other + after);
  },
  IfStatement: (node, add) => decide(node.test, add),
  ConditionalExpression: (node, add) => decide(node.test, add),
  WhileStatement: (node, add) => add('loop never entered', node.test, 'false'),
  ReturnStatement(node, add, source) {
    const argument = node.argument && textOf(node.argument, source);
    if (argument !== 'undefined') add('return removed', node, argument ? 'return undefined;' : ';', true);
  },
  ContinueStatement: (node, add) => add('continue removed', node, ';', true),
  BreakStatement: (node, add, _source, parent) => parent.type !== 'SwitchCase' && add('break removed', node, ';', true),
  ArrowFunctionExpression(node, add) {
    if (node.body.type !== 'BlockStatement') add('result removed', node.body, 'undefined');
  },
  ExpressionStatement(node, add) {
    const { type } = node.expression;
    if (type === 'CallExpression' || type === 'AwaitExpression') add('call removed', node, ';', true);
    if (type === 'AssignmentExpression') add('assignment removed', node, ';', true);
  },
};

function changeOperator(node, add, source) {
  const other = otherOperators[node.operator];
  if (!other || (node.operator === '+' && [node.left, node.right].some(isText))) return;
  const [left, right] = [textOf(node.left, source), textOf(node.right, source)];
  const isAssignment = node.type === 'AssignmentExpression';
  add(`${other} for ${node.operator}`, node, `${isAssignment ? left : `(${left})`} ${other} (${right})`);
}

function decide(test, add) {
  for (const value of ['true', 'false']) add(`condition always ${value}`, test, value);
}

/** Whether a string is one that code compares or looks up. Sentences for people are not worth a test of each word. */
function isCode({ value }, { type }) {
  return (
    !/\s/.test(value) &&
    !['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'Property'].includes(type)
  );
}

function isText(node) {
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');
}

/** Calls `enter(node, parent)` for every node but types and imports. */
function visit(node, enter, parent = undefined) {
  if (node.type === 'ImportDeclaration') return;
  const isType = node.type.startsWith('TS');
  if (!isType) enter(node, parent);
  for (const [key, value] of Object.entries(node)) {
    if (isType && key !== 'expression') continue; // `x as T`, `x!` and `x satisfies T`
    for (const child of [value].flat()) if (typeof child?.type === 'string') visit(child, enter, node);
  }
}

function textOf({ start, end }, source) {
  return source.slice(start, end);
}
