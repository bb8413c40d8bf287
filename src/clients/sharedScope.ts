/** The scope of clients that are not started by a window: the preset that was chosen last applies to them. */
export const sharedScope = 'shared';
