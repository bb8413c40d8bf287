// The first stage of `npm test`. Builtins only, Node 20 or newer.
import { ensureModules } from '../project.mjs';

ensureModules();
