import { test, expect } from 'vitest';
import { thinkTags } from '/work/main/src/reasoning/thinkTags.ts';
import { runStage } from '/work/main/src/canonical/stage.ts';
import { glm } from '/work/main/test/upstream/providers/glm.ts';
import { kimi } from '/work/main/test/upstream/providers/kimi.ts';
import { minimax } from '/work/main/test/upstream/providers/minimax.ts';
import { agentReasoning } from '/work/main/test/upstream/scripts.ts';
import { openaiChat } from '/work/main/src/dialects/openaiChat/index.ts';
import { readFrames } from '/work/main/src/sse.ts';
import { find } from '/work/main/test/unit/providers/find.ts';
test('perf', () => {
  const n = 200000;
  for (const [name, deltas] of [
    ['think', ['<think>', ...Array(n).fill('word '), '</think>', ...Array(n).fill('a')].map(text => ({type:'text-delta', key:'t', text}))],
    ['whole', [{type:'text-delta', key:'t', text:'<think>' + 'x\n'.repeat(500000) + '</think>' + 'y'.repeat(1e6)}]],
    ['newlines', [{type:'text-delta', key:'t', text:'\n'.repeat(1000000)+'a'}]],
    ['newline pieces', Array(20000).fill({type:'text-delta', key:'t', text:'\n'})],
    ['mirrored', [{type:'text-delta',key:'t',text:'<think>'}, ...Array(n).fill(0).flatMap(() => [{type:'reasoning-delta', key:'r', text:'word '},{type:'text-delta',key:'t',text:'word '}])]],
    ['native then tagged', [...Array(n).fill({type:'reasoning-delta', key:'r', text:'word '}),{type:'text-delta',key:'t',text:'<think>'}, ...Array(n).fill({type:'text-delta',key:'t',text:'word '})]],
    ['native newlines', [{type:'reasoning-delta', key:'r', text:'\n'.repeat(1000000)+'a<'}]],
    ['native only', Array(n).fill({type:'reasoning-delta', key:'r', text:'word '})],
  ] as any) { const t=performance.now(); runStage(thinkTags(), deltas); console.log(name, Math.round(performance.now()-t)); }
});
test.each([['tags', glm('tags'),{name:'zai'}],['stray',glm('stray'),{name:'zai',baseUrl:'http://127.0.0.1:1/v1'}],['native',glm('native'),{name:'zai',baseUrl:'http://127.0.0.1:1/v1'}],['kimi',kimi('tokens'),{name:'kimi'}],['mm',minimax({mirrored:true}),{name:'minimax'}],['mmc',minimax({details:'cumulative'}),{name:'minimax'}]] as any)('verbatim %s', (name: string, profile: any, id: any) => {
  for (const reasoning of agentReasoning) for (const size of [1,3,1000]) for (const split of name==='mmc'?[true]:[false]) {
    const pieces = (t: string) => { const c=[...t]; const out=[]; for(let i=0;i<c.length;i+=size) out.push(c.slice(i,i+size).join('')); return out; };
    const reply = { turn: { reasoning, text: 'All done.', calls: [] }, callIds: [], id: 'x-1', model: 'm', usage: {prompt:1,cached:0,reasoning:1,completion:1}, body: { stream: true, ...(split?{reasoning_split:true}:{}) }, pieces };
    let r='', t='';
    const stage = find(id).quirks.deltas!((d) => { if (d.type==='reasoning-delta') r+=d.text; if (d.type==='text-delta') t+=d.text; });
    const reader = openaiChat.streamReader((d) => stage.push(d));
    const p = readFrames((f) => reader.push(f));
    for (const f of profile.frames(reply)) p.push(f.text);
    p.end(); reader.end(); stage.end();
    expect([r,t]).toEqual([reasoning,'All done.']);
  }
});
