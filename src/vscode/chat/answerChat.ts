// What answers VS Code's chat, loaded when it first asks.
export { estimateTokens } from '../../routing/tokens.ts';
export { chatBody, measuredParts } from './chatBody.ts';
export { chatModels, modelName } from './chatModels.ts';
export { streamChat } from './streamChat.ts';
