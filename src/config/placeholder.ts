/**
 * The key that CCR sets in terminals for clients that require one. As a provider's key it counts as unset, so that it is
 * never sent to a provider.
 */
export const placeholderKey = 'ccr-local-placeholder';
