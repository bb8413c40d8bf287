/** Texts that show or name tags of thinking, or look like them. */
export const talk: readonly string[] = [
  // Documentation and sentences.
  'The model writes <think> and then </think>.',
  'Reasoning is enclosed within <think> </think> and <answer> </answer> tags, i.e.,\n<think> reasoning process here </think>\n<answer> answer here </answer>',
  'Use `<think>` to start reasoning and `</think>` to end it.\n\n<think>\nThis is one.\nSo.\n</think>\n\nDone.',
  'For example:\n\n<think>\nFirst, I look at it.\nThen I answer.\n</think>\n\nThe answer is 4.',
  '例如：\n\n<think>\n首先，我看一下。\n然后回答。\n</think>\n\n答案是 4。',
  '输出格式如下：<think>思考过程</think>回答',
  'モデルの出力。<think>思考</think>回答',
  'It puts them into tags.\n\n<think>\nLike this.\nAnd so on.\n</think>\n\nSee?',
  '模型使用标签。\n\n<think>\n这样。\n那样。\n</think>\n\n完。',
  'The output is:\n<think>...</think>',
  'It ends so.\n\n<think>...</think>\n\nThat is all.',
  'It ends so.\n\n<think></think>\n\nThat is all.',
  'It ends so.\n\n<think>reasoning here</think>\n\nThat is all.',
  'It ends so.\n\n<think>\n{{ reasoning }}\n</think>\n\nThat is all.',
  'Behold.\n\n<think>I am one.</think> is how it looks.',
  'Behold.\n\n<think>\nI am one.\nSo am I.\n</think>, as I said.',
  // Headings and lists.
  '## Output of R1\n\n<think>\nOkay, so.\nHm.\n</think>\n\nFour.',
  '**Output**\n\n<think>\nOkay, so.\nHm.\n</think>\n\nFour.',
  'Pairs.\n\n- <think>I do.</think>\n- <thinking>I do.</thinking>\n* [THINK]I do.[/THINK]\n1. ◁think▷I do.◁/think▷',
  '| Tag | Model |\n|---|---|\n| <think>I do.</think> | R1 |',
  '> <think>\n> I do.\n> </think>',
  // Code, in fences, spans and by indentation.
  'So.\n\n```\n<think>\nI do.\n</think>\n```\n\nDone.',
  'So.\n\n~~~xml\n<think>\nI do.\n</think>\n~~~',
  'So.\n\n````md\n```\n<think>\nI do.\n</think>\n```\n````',
  'So.\n\n    <think>\n    I do.\n    </think>\n\nDone.',
  'So `a.\n<think>` b.',
  'text = re.sub(r"<think>.*?</think>", "", text)',
  'const open = "<think>";\nconst close = "</think>";',
  'prompt = """\n<think>\nI do.\nSo.\n</think>\n"""',
  'It ends.\n\n<think>\nI do.\nSo.\n</think>\n"""',
  // Prompts.
  'Answer like this.\n\n<think>\nRestate the question.\nMake a plan.\n</think>\n\n<answer>\nThe answer.\n</answer>',
  'Answer like this.\n\n<thinking>\nRestate the question.\nMake a plan.\n</thinking>\n<output>\n</output>',
  '<prompt>\n<think>\nI do.\nSo.\n</think>\n</prompt>',
  'He wrote it.\n\n<response>\n<think>\nI do.\nSo.\n</think>\n</response>',
  'It is so.\n\n<think>\nI do.\nSo.\n</think>\n</response>',
  // Nested, crossed, half, and with attributes.
  'So.\n\n<think>\nA <think>b</think> c.\nD.\n</think>\n\nE.',
  'So.\n\n<think>\nA\n<thinking>b</thinking>\n</think>\n\nE.',
  'So.\n\n<think>\nA.\nB.\n</thinking>\n\nE.\n</think>',
  'So.\n\n<think class="x">\nA.\nB.\n</think>\n\nE.',
  'So.\n\n<think/>\n\nA.\n</think>',
  'So.\n\n</think>\n\nA.\n\n<think>\nB.\nC.\n</think>\n\nD.',
  'So.\n\n<THINK>\nA.\nB.\n</THINK>\n\nE.',
  'So.\n\n< think >\nA.\nB.\n</ think >\n\nE.',
  'So.\n\n<think',
  'So.\n\n<think>',
  'So.\n\n<think>\nA.\nB.',
  'So.\n\n&lt;think&gt;\nA.\nB.\n&lt;/think&gt;\n\nE.',
  // Within a line.
  'I see <think>it is so.</think> and go on.',
  'I see.<think>it is so.</think>And go on.',
  'I see, <think>\nit is so.\nYes.\n</think>\n and go on.',
  // JSON, HTML and others that have the same first characters.
  '{"text": "So.\\n\\n<think>\\nA.\\nB.\\n</think>\\n\\nE."}',
  '<html>\n<body>\n<think>\nA.\nB.\n</think>\n</body>',
  '[1] is a source. [THINK] is a word.\n\n[THIN',
  'a < b, c <d> e, x[i] and ◁ and ◁think',
  '<reasoning>\nwhat a prompt asks for\n</reasoning>\n\n<reflection>\nSo.\n</reflection>',
  '\n\n \n',
];

/** Whole answers of a coding agent, without tags of thinking. */
export const codeSamples: readonly string[] = [
  'Here is the fix.\n\n```tsx\nexport const App = () => <Think><p>a < b</p></Think>;\n```\n\nRun `npm test`.',
  'if (a < b && c[d] > e) {\n  return <T,>(x: T[]) => x;\n}\n',
  '- [x] done\n- [ ] open\n\nSee [the page](https://example.com/<id>).',
];
