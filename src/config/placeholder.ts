/**
 * The key that CCR puts into terminals, so that clients which insist on one are content. Where a provider's key is
 * expected it counts as unset: it must never travel upstream.
 */
export const placeholderKey = 'ccr-local-placeholder';
